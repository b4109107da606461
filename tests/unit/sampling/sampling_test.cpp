// Points of a cube, each computable from its number alone.
#include <array>
#include <cstdint>
#include <vector>

#include "sim/sampling/permutation.h"
#include "sim/sampling/sobol.h"
#include "tests/doctest.h"

namespace tideline::sampling {
namespace {

const RandomStream kDraws(7, 0, Purpose::kStudy);

double at(const Sobol& sobol, std::uint64_t index, std::size_t dimension) {
  std::array<std::uint64_t, 3> bits{};
  sobol.bits(index, bits);
  return static_cast<double>(bits[dimension]) * 0x1p-64;
}

TEST_CASE("the first points of Sobol's sequence are those that Joe and Kuo print") {
  // new-joe-kuo-6, three dimensions, in the order of the Gray code.
  const double known[][3] = {{0, 0, 0},
                             {0.5, 0.5, 0.5},
                             {0.75, 0.25, 0.25},
                             {0.25, 0.75, 0.75},
                             {0.375, 0.375, 0.625},
                             {0.875, 0.875, 0.125},
                             {0.625, 0.125, 0.875},
                             {0.125, 0.625, 0.375}};
  const Sobol sobol(3);
  for (std::uint64_t i = 0; i < 8; ++i)
    for (std::size_t d = 0; d < 3; ++d) CHECK(at(sobol, i, d) == known[i][d]);
}

TEST_CASE("of 2^k points of Sobol's sequence one lies in each of 2^k slices of every axis") {
  const Sobol sobol(3);
  for (std::size_t d = 0; d < 3; ++d) {
    std::vector<int> hits(256);
    for (std::uint64_t i = 0; i < 256; ++i) ++hits[static_cast<std::size_t>(at(sobol, i, d) * 256.0)];
    CHECK(hits == std::vector<int>(256, 1));
  }
}

TEST_CASE("a permutation hits every number once, whatever their count") {
  for (std::uint64_t n = 1; n <= 300; ++n) {
    const Permutation order(n, kDraws, n);
    std::vector<int> hits(n);
    for (std::uint64_t i = 0; i < n; ++i) ++hits.at(order(i));
    CHECK(hits == std::vector<int>(n, 1));
  }
}

TEST_CASE("two entities draw two orders, and neither is the order of counting") {
  constexpr std::uint64_t kCount = 1000;
  const Permutation a(kCount, kDraws, 1), b(kCount, kDraws, 2);
  int alike = 0, in_place = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) alike += a(i) == b(i), in_place += a(i) == i;
  // Of two drawn orders one place agrees on average.
  CHECK(alike < 10);
  CHECK(in_place < 10);
}

}  // namespace
}  // namespace tideline::sampling
