#include "sim/base/random.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tideline {

#if defined(__x86_64__)
namespace {

constexpr std::size_t kAtOnce = 8;

// Words of four blocks, each in the low half of a lane of 64 bits; what multiplying leaves in the high half
// is never read again.
[[gnu::target("avx2")]] inline __m256i joined(__m256i low, __m256i high) {
  return _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi64x(0xFFFFFFFF)), _mm256_slli_epi64(high, 32));
}

[[gnu::target("avx2")]] void eight(PhiloxBlock* blocks, std::uint32_t key0, std::uint32_t key1) {
  auto* const memory = reinterpret_cast<__m256i*>(blocks);
  __m256i words[2][4];  // [vector][word]
  for (int v = 0; v < 2; ++v) {
    const __m256i one = _mm256_loadu_si256(&memory[2 * v]), other = _mm256_loadu_si256(&memory[2 * v + 1]);
    words[v][0] = _mm256_unpacklo_epi64(one, other), words[v][1] = _mm256_srli_epi64(words[v][0], 32);
    words[v][2] = _mm256_unpackhi_epi64(one, other), words[v][3] = _mm256_srli_epi64(words[v][2], 32);
  }
  const __m256i factor0 = _mm256_set1_epi64x(kPhiloxFactor0), factor1 = _mm256_set1_epi64x(kPhiloxFactor1);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const __m256i k0 = _mm256_set1_epi64x(key0), k1 = _mm256_set1_epi64x(key1);
    for (auto& w : words) {
      const __m256i p0 = _mm256_mul_epu32(w[0], factor0), p1 = _mm256_mul_epu32(w[2], factor1);
      w[0] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), w[1]), k0);
      w[1] = p1;
      w[2] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), w[3]), k1);
      w[3] = p0;
    }
    key0 += kPhiloxKey0;
    key1 += kPhiloxKey1;
  }
  for (int v = 0; v < 2; ++v) {
    const __m256i first = joined(words[v][0], words[v][1]), second = joined(words[v][2], words[v][3]);
    _mm256_storeu_si256(&memory[2 * v], _mm256_unpacklo_epi64(first, second));
    _mm256_storeu_si256(&memory[2 * v + 1], _mm256_unpackhi_epi64(first, second));
  }
}

}  // namespace
#endif

void philox_each(std::span<PhiloxBlock> counters, std::uint32_t key0, std::uint32_t key1) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  for (; wide && counters.size() >= kAtOnce; counters = counters.subspan(kAtOnce))
    eight(counters.data(), key0, key1);
#endif
  for (PhiloxBlock& c : counters) c = philox(c, key0, key1);
}

}  // namespace tideline
