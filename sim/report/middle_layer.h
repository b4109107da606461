// What a simulated step looks like from one GPU: its spans while the layer in the middle is under way. Inside
// report.
#pragma once

#include <vector>

#include "sim/scenario/step_scenario.h"

namespace tideline::report {

struct MiddleLayer {
  int layer = 0;
  Instant from, to;  // from its first kernel to its last, micro-batches together; equal: no spans
  std::vector<step::Span> spans;  // of GPU 0, all that overlap this, cut to it
};

MiddleLayer middle_layer(const scenario::StepResult& result);

}  // namespace tideline::report
