// How much of each kernel's time other streams of its GPU were busy too.
#pragma once

#include <cstdint>
#include <vector>

#include "calib/import/trace.h"

namespace tideline::calib {

struct Shares {  // of the kernel's time, 0 to 1; 0 for a kernel of no length
  float communication = 0.0F, compute = 0.0F, either = 0.0F;
};

// By kernel of trace.kernels, which is sorted. `is_communication` is by name. Kernels of one stream count as
// one after the other, so that what a graph lets run into the next on its own stream is no company.
std::vector<Shares> overlaps(const Trace& trace, const std::vector<char>& is_communication);

}  // namespace tideline::calib
