#include "calib/import/times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tideline::calib {

double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

records::Times times_of(std::vector<double> us) {
  std::ranges::sort(us);
  const auto n = static_cast<double>(us.size());
  records::Times t;
  t.n = static_cast<std::int64_t>(us.size());
  t.min = us.front(), t.max = us.back();
  t.p10 = quantile(us, 0.1), t.median = quantile(us, 0.5), t.p90 = quantile(us, 0.9);
  t.mean = std::accumulate(us.begin(), us.end(), 0.0) / n;
  double square = 0.0;
  for (const double x : us) square += (x - *t.mean) * (x - *t.mean);
  t.sd = us.size() > 1 ? std::sqrt(square / (n - 1.0)) : 0.0;
  for (double& x : us) x = std::abs(x - t.median);
  std::ranges::sort(us);
  t.mad = quantile(us, 0.5);
  return t;
}

}  // namespace tideline::calib
