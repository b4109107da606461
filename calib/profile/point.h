// One point of a sweep: which kernel, in which shape, on how many SMs; what it has to do at least.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tideline::profile {

struct Dimension {
  std::string name;
  std::int64_t value = 0;
  bool operator==(const Dimension&) const = default;
};

struct Point {
  std::string family, op;        // the op is what a record is called; a family has one or several
  std::vector<Dimension> shape;  // named, in the order in which they are printed
  int sms = 0;                   // SMs that the kernel is told to plan for; 0: all of the device
  double flop = 0, bytes = 0;    // arithmetic; bytes that must be read and written once
  double seconds_fixed = 0;      // host-bound points: what one run costs whatever the device does

  // REQUIRES: the dimension exists (our own mistake otherwise: throws std::logic_error).
  [[nodiscard]] std::int64_t at(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
};

// "dense_gemm m=16 n=2112 k=7168", with " sms=108" where the SMs are limited.
std::string to_string(const Point& point);

}  // namespace tideline::profile
