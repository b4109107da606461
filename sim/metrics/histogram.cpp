#include "sim/metrics/histogram.h"

#include <cmath>

namespace tideline::metrics {

double Histogram::middle_ns(std::size_t index) {
  constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  if (index < 2 * kSub) return static_cast<double>(index);
  const auto octave = static_cast<int>(index / kSub) - 1;
  const auto from = static_cast<double>(index - static_cast<std::size_t>(octave) * kSub);
  return std::ldexp(from + 0.5, octave);
}

void Histogram::cover(std::size_t index) {
  constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  const std::size_t octave = index / kSub * kSub;
  if (buckets_.empty()) first_ = octave;
  if (octave < first_) {
    buckets_.insert(buckets_.begin(), first_ - octave, 0);
    first_ = octave;
  }
  buckets_.resize(std::max(buckets_.size(), octave + kSub - first_));
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  cover(other.first_);
  cover(other.first_ + other.buckets_.size() - 1);
  for (std::size_t i = 0; i < other.buckets_.size(); ++i)
    buckets_[i + other.first_ - first_] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
}

double Histogram::quantile_s(double p) const {
  if (count_ == 0) return 0.0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    if ((seen += buckets_[i]) >= std::max<std::uint64_t>(rank, 1)) return middle_ns(first_ + i) * 1e-9;
  return 0.0;
}

Summary Histogram::summary() const {
  Summary s;
  for (const SummaryFigure& f : kSummaryFigures)
    s.*f.value = f.quantile > 0.0 ? quantile_s(f.quantile) : mean_s();
  s.none = count_ == 0;
  return s;
}

}  // namespace tideline::metrics
