// The mean of many waits, and how far it may be from the truth: waits that follow one another are alike, so
// that the error is taken from the means of long batches (method of batch means, Student's t).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace tideline::testing {

struct Interval {
  double mean = 0.0, half_width = 0.0;  // at 99 % confidence
  [[nodiscard]] bool holds(double truth) const { return std::abs(mean - truth) <= half_width; }
};

// REQUIRES: thousands of values, in order of time.
inline Interval interval_of(const std::vector<double>& values) {
  constexpr std::size_t kBatches = 20;
  constexpr double kT = 2.861;  // two-sided 99 %, 19 degrees of freedom
  const std::size_t size = values.size() / kBatches;
  std::vector<double> means(kBatches, 0.0);
  Interval all;
  for (std::size_t b = 0; b < kBatches; ++b) {
    for (std::size_t i = 0; i < size; ++i) means[b] += values[b * size + i] / static_cast<double>(size);
    all.mean += means[b] / kBatches;
  }
  double square = 0.0;
  for (const double m : means) square += (m - all.mean) * (m - all.mean);
  all.half_width = kT * std::sqrt(square / (kBatches * (kBatches - 1.0)));
  return all;
}

// Prints both, and says whether theory is inside.
inline bool agrees(const char* queue, double load, const std::vector<double>& values, double theory) {
  const Interval i = interval_of(values);
  std::printf("%-22s load %.1f: %.4f s +- %.4f, theory %.4f s\n", queue, load, i.mean, i.half_width, theory);
  return i.holds(theory) && i.half_width < 0.1 * theory;
}

}  // namespace tideline::testing
