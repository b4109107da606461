// Numbers that share a word, each in as many bits as it needs. Words are read and written whole: bit-fields
// are written in parts, and a processor waits to read as one what it has just written in parts.
#pragma once

#include <cstdint>

#include "sim/base/check.h"

namespace tideline::serving {

// Of a request's number, and of a GPU's in its unit: four times as many GPUs as a unit may have.
inline constexpr int kIdBits = 40, kGpuBits = 14;

// Some of the bits of a word.
struct Bits {
  int from, count;

  [[nodiscard]] constexpr std::uint64_t most() const { return (std::uint64_t{1} << count) - 1; }
  [[nodiscard]] constexpr std::uint64_t in(std::uint64_t word) const { return word >> from & most(); }
  // The word that has these bits alone. `what`: it is of a request, for the message.
  [[nodiscard]] std::uint64_t word(std::int64_t number, const char* what) const {
    const auto bits = static_cast<std::uint64_t>(number);
    CHECK(bits <= most(), "{} of a request is {}: not a number of {} bits", what, number, count);
    return bits << from;
  }
  void set(std::uint64_t& word, std::uint64_t number) const {
    word = (word & ~(most() << from)) | (number & most()) << from;
  }
};

}  // namespace tideline::serving
