// A streaming histogram of durations with a stated error: 128 buckets for every doubling, so that a quantile
// is within 0.4 % of the exact one, whatever the number of values. The count is exact. Memory follows the
// doublings between the least and the greatest value, a kilobyte each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/time.h"

namespace tideline::metrics {

// The field's five figures of a latency. Units: seconds.
struct Summary {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0;
  bool none = false;  // there were no values: the figures say nothing
  [[nodiscard]] std::optional<double> at(double Summary::*figure) const {
    return none ? std::nullopt : std::optional(this->*figure);
  }
};
struct SummaryFigure {
  std::string_view name;
  double quantile;  // 0: the mean
  double Summary::*value;
};
inline constexpr std::array kSummaryFigures = {
    SummaryFigure{"mean", 0.0, &Summary::mean}, SummaryFigure{"p50", 0.50, &Summary::p50},
    SummaryFigure{"p90", 0.90, &Summary::p90},  SummaryFigure{"p95", 0.95, &Summary::p95},
    SummaryFigure{"p99", 0.99, &Summary::p99},
};

class Histogram {
 public:
  static constexpr double kRelativeError = 0.004;

  // `times`: as if it were called so often.
  void add(Duration d, std::uint64_t times = 1) {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(d.ns, 0));
    const std::size_t i = index(ns);
    if (i - first_ >= buckets_.size()) cover(i);
    buckets_[i - first_] += times;
    count_ += times;
    sum_ns_ += static_cast<double>(ns) * static_cast<double>(times);
  }
  void merge(const Histogram& other);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] double mean_s() const { return count_ ? sum_ns_ * 1e-9 / static_cast<double>(count_) : 0.0; }
  // The value below which a share p of the values lies, as the middle of its bucket. 0 when empty.
  [[nodiscard]] double quantile_s(double p) const;
  [[nodiscard]] Summary summary() const;

 private:
  static constexpr int kSubBits = 7;
  static std::size_t index(std::uint64_t ns) {
    if (ns < (1u << kSubBits)) return static_cast<std::size_t>(ns);
    const int octave = 63 - std::countl_zero(ns) - kSubBits;
    return (static_cast<std::size_t>(octave) << kSubBits) + static_cast<std::size_t>(ns >> octave);
  }
  static double middle_ns(std::size_t index);
  // Adds the octaves between those that are there and a bucket.
  void cover(std::size_t index);

  std::vector<std::uint64_t> buckets_;  // whole octaves, of which the first begins at bucket first_
  std::size_t first_ = 0;
  std::uint64_t count_ = 0;
  double sum_ns_ = 0.0;
};

}  // namespace tideline::metrics
