// What a record keeps of repeated timings.
#pragma once

#include <vector>

namespace tideline::profile {

// In the unit of the samples. Quantiles interpolate linearly between order statistics; sd is of the sample
// (n - 1); mad is the median distance from the median. All zero when there are no samples.
struct Statistics {
  int n = 0;
  double min = 0, p10 = 0, median = 0, p90 = 0, max = 0, mean = 0, sd = 0, mad = 0;
};

Statistics summarise(std::vector<double> samples);

}  // namespace tideline::profile
