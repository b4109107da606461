// From records to samples: runs and library versions merged, curves made isotonic.
#pragma once

#include <string>
#include <vector>

#include "calib/fit/fit_family.h"
#include "sim/kernels/family.h"

namespace tideline::calib {

double median(std::vector<double> v);

struct Merged {
  std::vector<kernels::Sample> samples;  // by (a, b, s, x)
  std::vector<std::string> outliers;     // what was moved by more than 30 % to keep a curve from falling
  double version_sd = 0.0;               // rms of ln(time) between library versions at one place
};

Merged merge(const std::vector<Record>& records);

}  // namespace tideline::calib
