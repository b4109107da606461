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

// `start` gives the GPU's peak and bandwidth. Deterministic. REQUIRES: at least one observation.
kernels::Backbone fit_backbone(const kernels::Backbone& start, const std::vector<Observation>& observations);

}  // namespace tideline::calib
