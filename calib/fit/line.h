// A straight line through measured times by tokens: a start-up time and a time for each token.
#pragma once

#include <vector>

namespace tideline::calib {

struct Point {
  double tokens, time_us;
};

struct Line {
  double start_us, us_per_token;
  [[nodiscard]] double at(double tokens) const { return start_us + us_per_token * tokens; }
};

// Least squares of the relative error.
inline Line fit_line(const std::vector<Point>& points) {
  double sum = 0.0, x_mean = 0.0, y_mean = 0.0, xy = 0.0, xx = 0.0;
  const auto weight = [](const Point& p) { return 1.0 / (p.time_us * p.time_us); };
  for (const Point& p : points)
    sum += weight(p), x_mean += weight(p) * p.tokens, y_mean += weight(p) * p.time_us;
  x_mean /= sum, y_mean /= sum;
  for (const Point& p : points) {
    const double x = p.tokens - x_mean;
    xy += weight(p) * x * (p.time_us - y_mean), xx += weight(p) * x * x;
  }
  return {y_mean - xy / xx * x_mean, xy / xx};
}

}  // namespace tideline::calib
