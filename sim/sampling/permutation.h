// The numbers below n in a drawn order, of which any one can be asked for without the others: four Feistel
// rounds on as few bits as hold n, walked on until the answer is below n (Black and Rogaway, "Ciphers with
// arbitrary finite domains", CT-RSA 2002). Rounds are Philox, so that it is the same on every machine.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/base/random.h"

namespace tideline::sampling {

class Permutation {
 public:
  // Of the numbers below n; `stream` and `entity` draw which order. REQUIRES: 1 <= n <= 2^62.
  constexpr Permutation(std::uint64_t n, RandomStream stream, std::uint64_t entity)
      : n_(n), half_(static_cast<int>((std::bit_width(n - 1) + 1) / 2)), stream_(stream), entity_(entity) {}

  // Where number i of the order is. REQUIRES: i < n. Cost: below four walks of four rounds on average.
  [[nodiscard]] constexpr std::uint64_t operator()(std::uint64_t i) const {
    do i = encrypted(i);
    while (i >= n_);
    return i;
  }

 private:
  [[nodiscard]] constexpr std::uint64_t encrypted(std::uint64_t x) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
    std::uint64_t left = x >> half_, right = x & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = left ^ (stream_.block(entity_, (right << 2) | round)[0] & mask);
      left = right, right = mixed;
    }
    return (left << half_) | right;
  }

  static constexpr std::uint64_t kRounds = 4;
  std::uint64_t n_;
  int half_;  // bits of each half
  RandomStream stream_;
  std::uint64_t entity_;
};

}  // namespace tideline::sampling
