#include "sim/workload/normal.h"

#include <cmath>
#include <numbers>

namespace tideline::workload {
namespace {

double tail_approximation(double q) {
  const double numerator =
      ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q -
        2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783;
  const double denominator =
      (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q +
       3.754408661907416) * q + 1.0;
  return numerator / denominator;
}

double central_approximation(double q) {
  const double r = q * q;
  const double numerator =
      ((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r +
        1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239;
  const double denominator =
      ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r +
        6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1.0;
  return q * numerator / denominator;
}

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  constexpr double kTail = 0.02425;
  double z = 0.0;
  if (p < kTail) z = tail_approximation(std::sqrt(-2.0 * std::log(p)));
  else if (p > 1.0 - kTail) z = -tail_approximation(std::sqrt(-2.0 * std::log1p(-p)));
  else z = central_approximation(p - 0.5);
  const double error = normal_cdf(z) - p;
  const double u = error * std::sqrt(2.0 * std::numbers::pi) * std::exp(0.5 * z * z);
  return z - u / (1.0 + 0.5 * z * u);
}

}  // namespace tideline::workload
