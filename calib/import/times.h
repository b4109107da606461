// Statistics of a sample of times.
#pragma once

#include <vector>

#include "calib/records/record.h"

namespace tideline::calib {

// Of a sorted sample; interpolates linearly between order statistics.
double quantile(const std::vector<double>& sorted, double p);

// sd with n - 1 (0 for one time); mad is the median distance from the median. REQUIRES: not empty.
records::Times times_of(std::vector<double> us);

}  // namespace tideline::calib
