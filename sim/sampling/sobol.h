// Points that fill a cube evenly, each computable from its number alone: Sobol's sequence with the directions
// of Joe and Kuo ("Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci.
// Comput. 30, 2008; Boost.Random holds them), in the order of the Gray code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tideline::sampling {

class Sobol {
 public:
  static constexpr std::size_t kDimensionsMax = 3667;
  // REQUIRES: 1 to kDimensionsMax dimensions.
  explicit Sobol(std::size_t dimensions);
  ~Sobol();

  // Point `index`, counted from 0, which is the origin: 64 bits a coordinate, after the point. From any
  // thread. Cost: some 50 ns a dimension.
  void bits(std::uint64_t index, std::span<std::uint64_t> coordinates) const;

 private:
  struct Engine;
  std::unique_ptr<const Engine> engine_;
};

// The middle of the cell of 2^-53 that the bits lie in: in (0, 1).
constexpr double coordinate(std::uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

}  // namespace tideline::sampling
