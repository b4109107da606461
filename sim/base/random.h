// Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011), keyed by (seed, run, purpose) and countered by (entity, n). A draw depends on what it is for and
// never on when it is asked, so two policies meet the very same requests.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tideline {

using PhiloxBlock = std::array<std::uint32_t, 4>;

// Of Philox 4x32: how often its words are multiplied, by what, and what its keys grow by.
inline constexpr int kPhiloxRounds = 10;
inline constexpr std::uint32_t kPhiloxFactor0 = 0xD2511F53, kPhiloxFactor1 = 0xCD9E8D57;
inline constexpr std::uint32_t kPhiloxKey0 = 0x9E3779B9, kPhiloxKey1 = 0xBB67AE85;

// One block of 128 random bits. Pure; about 10 ns.
constexpr PhiloxBlock philox(PhiloxBlock counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t p0 = std::uint64_t{kPhiloxFactor0} * counter[0];
    const std::uint64_t p1 = std::uint64_t{kPhiloxFactor1} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(p0)};
    key0 += kPhiloxKey0;
    key1 += kPhiloxKey1;
  }
  return counter;
}

// Known-answer vectors of the authors' Random123 distribution.
static_assert(philox({0, 0, 0, 0}, 0, 0) == PhiloxBlock{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
static_assert(philox({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, 0xa4093822u, 0x299f31d0u) ==
              PhiloxBlock{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});

// Each counter becomes its block: 3.5 ns each for 8.6 where the processor has AVX2.
void philox_each(std::span<PhiloxBlock> counters, std::uint32_t key0, std::uint32_t key1);

// What a draw is for. A new purpose goes at the end: the numbers are part of every stored digest.
enum class Purpose : std::uint32_t {
  kArrival = 1,      // gaps between requests
  kRequest = 2,      // class and lengths of a request
  kSpeculation = 3,  // accepted draft tokens
  kExpertLoad = 4,   // popularity of experts
  kKernelError = 5,  // correlated error of kernel times, one per replication
  kDecodeLuck = 6,   // of the tokens' choices in one decode step
  kPrefillLuck = 7,  // in one prefill pass
  kSession = 8,      // kind, lengths and gaps of a session
  kTrace = 9,        // what a trace leaves open: which requests stay when it is thinned, renewal gaps
  kPrefillFailure = 10,
  kDecodeFailure = 11,
  kPrefillBalancer = 12,  // units and GPUs that a balancer draws for a request
  kDecodeBalancer = 13,
  kMoney = 14,  // drivers of profit, for bands
  kStudy = 15,  // points of a study
};

// A stream of blocks for one purpose; random access by (entity, n).
class RandomStream {
 public:
  constexpr RandomStream(std::uint64_t seed, std::uint32_t run, Purpose purpose)
      : key0_(static_cast<std::uint32_t>(seed) ^ (static_cast<std::uint32_t>(purpose) * 0x85EBCA6Bu)),
        key1_(static_cast<std::uint32_t>(seed >> 32) ^ (run * 0xC2B2AE35u)) {}

  [[nodiscard]] constexpr PhiloxBlock block(std::uint64_t entity, std::uint64_t n = 0) const {
    return philox(counter(entity, n), key0_, key1_);
  }
  // Where a block stands in every stream.
  static constexpr PhiloxBlock counter(std::uint64_t entity, std::uint64_t n = 0) {
    return {static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32),
            static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32)};
  }
  // The same blocks as block() gives, many at once: each counter becomes its block.
  void blocks(std::span<PhiloxBlock> counters) const { philox_each(counters, key0_, key1_); }

 private:
  std::uint32_t key0_, key1_;
};

// Uniform in the open interval (0, 1): 32 bits, centred in their cell, so that no logarithm meets zero.
constexpr double uniform(std::uint32_t bits) {
  return (static_cast<double>(bits) + 0.5) * 0x1p-32;
}

}  // namespace tideline
