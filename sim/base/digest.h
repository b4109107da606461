// A running 64-bit digest (FNV-1a over words): every run ends with one over its events, so that two
// compilers, two seeds or two versions are compared by one number.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace tideline {

class Digest {
 public:
  constexpr void add(std::uint64_t word) { value_ = (value_ ^ word) * 0x100000001b3u; }
  constexpr void add(double x) { add(std::bit_cast<std::uint64_t>(x)); }
  constexpr void add(std::string_view text) {
    for (const char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace tideline
