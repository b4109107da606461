// Runs of the same measurement, taken together.
#pragma once

#include <string>
#include <vector>

#include "calib/records/record.h"

namespace tideline::records {

// Did an all-to-all run beside this kernel all the time, and nothing else?
bool beside_all_to_all(const Record& record);

// What two records must share to be runs of one measurement: family, shape, dtype, layout, what the timed
// region includes, library and its major version, SMs given, device, mode, state of the L2, data, and
// company (and whether an all-to-all was there all the time, and other kernels not at all). Where a family is
// measured by bytes or by nothing, also the op: kernels that stream alike are not one.
std::string merge_key(const Record& record);

struct Merged {
  Record record;  // of the first run; time_us is that of all of them
  int runs = 0;
  double log_sd =
      0.0;  // of ln time: within a run (p10 to p90) and between the medians of runs, added in square
};

// time_us: n is the sum, min and max those of all, the others the median over runs (of medians, of p10s...);
// mean, sd and mad are dropped. Runs marked quality.ok = false or outlier are left out. In order of first
// appearance.
std::vector<Merged> merge(const std::vector<Record>& records);

}  // namespace tideline::records
