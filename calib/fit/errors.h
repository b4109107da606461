// How far predictions are from measurements that they had not seen.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "calib/fit/fit_family.h"
#include "sim/base/units.h"

namespace tideline::calib {

// Half the width of a 90 % interval, in standard deviations.
constexpr double kZ90 = 1.645;

class Errors {
 public:
  void add(Seconds predicted, Seconds measured) { log_.push_back(std::log(predicted / measured)); }
  void add(const Errors& more) { log_.insert(log_.end(), more.log_.begin(), more.log_.end()); }
  [[nodiscard]] bool empty() const { return log_.empty(); }
  [[nodiscard]] const std::vector<double>& log() const { return log_; }
  // |predicted / measured - 1|
  [[nodiscard]] double mean() const {
    double sum = 0.0;
    for (const double e : log_) sum += std::abs(std::expm1(e));
    return empty() ? 0.0 : sum / static_cast<double>(log_.size());
  }
  [[nodiscard]] double quantile(double p) const {
    std::vector<double> sorted;
    for (const double e : log_) sorted.push_back(std::abs(std::expm1(e)));
    std::sort(sorted.begin(), sorted.end());
    return empty() ? 0.0 : sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
  }
  // The standard deviation of ln(time) whose 90 % interval should hold 90 % of more such errors: of n, the
  // one that stands 0.9 (n + 1) places up.
  [[nodiscard]] double sigma() const {
    if (empty()) return 0.0;
    std::vector<double> sorted;
    for (const double e : log_) sorted.push_back(std::abs(e));
    std::sort(sorted.begin(), sorted.end());
    const auto place = static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(sorted.size() + 1)));
    return sorted[std::min(place, sorted.size()) - 1] / kZ90;
  }
  [[nodiscard]] nlohmann::ordered_json json() const {
    return {{"points", log_.size()},
            {"mean", rounded(mean())},
            {"median", rounded(quantile(0.5))},
            {"p90", rounded(quantile(0.9))}};
  }

 private:
  std::vector<double> log_;
};

}  // namespace tideline::calib
