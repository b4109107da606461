#include "calib/profile/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tideline::profile {
namespace {

double quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  // std::lerp, because it never leaves the two: equal samples have equal quantiles.
  return below + 1 < sorted.size()
             ? std::lerp(sorted[below], sorted[below + 1], place - static_cast<double>(below))
             : sorted[below];
}

}  // namespace

Statistics summarise(std::vector<double> samples) {
  Statistics s;
  s.n = static_cast<int>(samples.size());
  if (samples.empty()) return s;
  std::sort(samples.begin(), samples.end());
  s.min = samples.front();
  s.p10 = quantile(samples, 0.1);
  s.median = quantile(samples, 0.5);
  s.p90 = quantile(samples, 0.9);
  s.max = samples.back();
  for (const double x : samples) s.mean += x;
  s.mean /= s.n;
  for (const double x : samples) s.sd += (x - s.mean) * (x - s.mean);
  s.sd = s.n > 1 ? std::sqrt(s.sd / (s.n - 1)) : 0.0;
  for (double& x : samples) x = std::fabs(x - s.median);
  std::sort(samples.begin(), samples.end());
  s.mad = quantile(samples, 0.5);
  return s;
}

}  // namespace tideline::profile
