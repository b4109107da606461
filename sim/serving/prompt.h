// What prefill remembers of a request: half a line of the cache, as many thousands wait and are computed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/base/time.h"
#include "sim/serving/bits.h"
#include "sim/workload/arrivals.h"

namespace tideline::serving {

class alignas(32) Prompt {
  static constexpr Bits kAgain{0, 1}, kBegun{1, 1}, kGpu{2, kGpuBits}, kClass{16, 8}, kId{24, kIdBits};

 public:
  Prompt() = default;
  // `lost`: tokens of its answer that were made once and must be computed again with the prompt.
  explicit Prompt(const workload::Arrival& a, std::int32_t lost = 0)
      : arrival(a.at),
        input(a.lengths.input + lost),
        cached(a.lengths.cached),
        output(a.lengths.output - lost),
        bits_(kId.word(static_cast<std::int64_t>(a.id), "the number") |
              kClass.word(a.request_class, "the class") | std::uint64_t{lost > 0}) {}

  [[nodiscard]] std::uint64_t id() const { return kId.in(bits_); }
  [[nodiscard]] std::uint8_t request_class() const { return static_cast<std::uint8_t>(kClass.in(bits_)); }
  // Of its unit: the one that computes it.
  [[nodiscard]] std::uint16_t gpu() const { return static_cast<std::uint16_t>(kGpu.in(bits_)); }
  [[nodiscard]] bool begun() const { return kBegun.in(bits_) != 0; }  // its first pass has
  [[nodiscard]] bool again() const { return kAgain.in(bits_) != 0; }  // it was lost in decode
  void set_gpu(std::size_t gpu) { kGpu.set(bits_, gpu); }
  void set_begun() { kBegun.set(bits_, 1); }
  [[nodiscard]] std::int64_t tokens() const { return std::int64_t{input} + output; }
  [[nodiscard]] std::int32_t to_compute() const { return input - cached - computed; }

  Instant arrival;
  // Tokens as in workload::Lengths, but that what was lost is counted to the prompt, not to the answer.
  std::int32_t input = 0, cached = 0, output = 0;
  std::int32_t computed = 0;  // of the prompt, cached ones excluded

 private:
  std::uint64_t bits_ = 0;
};
static_assert(sizeof(Prompt) == 32);

}  // namespace tideline::serving
