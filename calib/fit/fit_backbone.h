// Fits the smooth roofline of a family to its measurements: five parameters (eight where products are
// computed in tiles) by Levenberg-Marquardt on
// ln(time), with a soft-L1 loss, so that a noisy point does not bend the curve.
#pragma once

#include <vector>

#include "sim/kernels/backbone.h"

namespace tideline::calib {

struct Observation {
  kernels::Work work;
  Seconds time;
};

// Where a fit begins. `kept`: at its end too, whatever was observed.
struct Start {
  Start(const kernels::Backbone& from, bool keep = false) : backbone(from), kept(keep) {}
  kernels::Backbone backbone;
  bool kept;
};

// `start` gives the GPU's peak and bandwidth. Deterministic. REQUIRES: at least one observation.
kernels::Backbone fit_backbone(const Start& start, const std::vector<Observation>& observations);

}  // namespace tideline::calib
