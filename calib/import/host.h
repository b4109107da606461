// How fast the host feeds the GPU: from the launch calls of a trace.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "calib/import/rules.h"
#include "calib/import/trace.h"

namespace tideline::calib {

// Of a sample; quantiles interpolate linearly between order statistics.
struct Spread {
  std::size_t count = 0;
  double p10 = 0.0, median = 0.0, p90 = 0.0, mean = 0.0;
};
Spread spread_of(std::vector<double> sample);

struct HostPace {
  std::string what, where, unit;
  Spread spread;
};

// call      duration of a kernel's launch call
// interval  from the start of one such call to the start of the next on its thread: everywhere, and within
//           each named range. Longer ones than 1 ms are left out: the host waits, or another thread works.
// launches  such calls in one instance of a named range
// range     time of one instance of a named range on the host, waits included
// start     from the start of a call to the start of its kernel, where the stream had run empty. Longer ones
//           than 100 us are left out: the kernel waits for another stream.
// gap       from the end of a kernel to the start of the next on the stream with most kernels (gaps_us)
std::vector<HostPace> host_pace(const Trace& trace);

// Copies and memsets between two kernels are passed over.
std::vector<double> gaps_us(const Trace& trace);

// The table calib/timings/<gpu>/host_launch.csv; what the trace is stands in its rules.
std::string host_pace_csv(const std::vector<HostPace>& pace, const Rules& rules);

}  // namespace tideline::calib
