// Gaps of a renewal process, in any unit: Gamma or Weibull of a shape, each gap a function of its number.
// Gamma: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 2000.
#pragma once

#include <cmath>
#include <cstdint>

#include "sim/base/random.h"
#include "sim/workload/normal.h"

namespace tideline::workload::traces {

class Renewal {
 public:
  Renewal(const RandomStream& words, std::uint64_t entity) : words_(words), entity_(entity) {}

  // Scale 1. A gap takes one block, and seldom a second one.
  [[nodiscard]] double gamma(double shape, std::uint64_t n) const {
    const double d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (std::uint64_t attempt = 0;; ++attempt) {
      const PhiloxBlock w = words_.block(entity_, n * kAttemptsMax + attempt);
      const double x = normal_quantile(uniform(w[0])), root = 1.0 + c * x;
      if (root <= 0.0) continue;
      const double v = root * root * root;
      if (std::log(uniform(w[1])) >= 0.5 * x * x + d - d * v + d * std::log(v)) continue;
      return shape < 1.0 ? d * v * std::pow(uniform(w[2]), 1.0 / shape) : d * v;
    }
  }
  [[nodiscard]] double weibull(double shape, std::uint64_t n) const {
    return std::pow(-std::log(uniform(words_.block(entity_, n * kAttemptsMax)[0])), 1.0 / shape);
  }

 private:
  static constexpr std::uint64_t kAttemptsMax = 64;  // a miss has a chance of 5 % at most

  const RandomStream& words_;
  std::uint64_t entity_;
};

}  // namespace tideline::workload::traces
