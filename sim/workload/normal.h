// Quantile of the standard normal distribution: P. J. Acklam's rational approximation (relative error
// 1.15e-9) with one step of Halley's method on erfc, good to the last digits of a double.
#pragma once

namespace tideline::workload {

double normal_quantile(double p);
double normal_cdf(double z);

}  // namespace tideline::workload
