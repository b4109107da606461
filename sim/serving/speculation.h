// How many decode steps an answer takes when every step makes one token and, with some chance, a second one
// that was drafted (multi-token prediction).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "sim/base/random.h"
#include "sim/workload/distribution.h"
#include "sim/workload/normal.h"

namespace tideline::serving {

class Speculation {
 public:
  // `acceptance`: chance that the drafted token of a step is accepted; 0 without drafting.
  explicit Speculation(double acceptance)
      : acceptance_(acceptance),
        tokens_per_step_(1.0 + acceptance),
        mean_offset_(acceptance / tokens_per_step_),
        sd_(std::sqrt(acceptance * (1.0 - acceptance) / tokens_per_step_) / tokens_per_step_),
        normal_(
            workload::Distribution::from_quantiles([](double p) { return workload::normal_quantile(p); })) {
    tabulate();
  }

  // Steps until `tokens` have been made. A renewal process with steps of 1 and 2: exact up to kExact tokens;
  // beyond, normal around the mean of Wald's identity with the stationary overshoot. Error: mean within 0.02
  // steps.
  [[nodiscard]] std::int32_t steps(std::int32_t tokens, std::uint32_t word) const {
    if (acceptance_ <= 0.0) return tokens;
    const std::int32_t fewest = (tokens + 1) / 2;
    if (tokens <= kExact) {
      const auto& at_most = at_most_[static_cast<std::size_t>(tokens)];
      std::int32_t steps = fewest;
      while (steps < tokens && uniform(word) > at_most[static_cast<std::size_t>(steps)]) ++steps;
      return steps;
    }
    const double n = tokens;
    const double drawn = (n + mean_offset_) / tokens_per_step_ + sd_ * std::sqrt(n) * normal_(word) + 0.5;
    return std::clamp(static_cast<std::int32_t>(drawn), fewest, tokens);
  }
  [[nodiscard]] double tokens_per_step() const { return tokens_per_step_; }

 private:
  static constexpr std::int32_t kExact = 24;

  // P(steps of n tokens <= k): after the first step one or two tokens are made.
  void tabulate() {
    for (std::size_t k = 0; k <= kExact; ++k) at_most_[0][k] = 1.0;
    for (std::size_t n = 1; n <= kExact; ++n)
      for (std::size_t k = 1; k <= kExact; ++k)
        at_most_[n][k] = (1.0 - acceptance_) * at_most_[n - 1][k - 1] +
                         acceptance_ * at_most_[n >= 2 ? n - 2 : 0][k - 1];
  }

  double acceptance_, tokens_per_step_, mean_offset_, sd_;
  workload::Distribution normal_;
  std::array<std::array<double, kExact + 1>, kExact + 1> at_most_{};  // [tokens][steps]
};

}  // namespace tideline::serving
