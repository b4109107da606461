// How far the level of a whole family may be off because other slices might have been measured.
#pragma once

#include "calib/fit/hold_out.h"
#include "sim/kernels/backbone.h"

namespace tideline::calib {

// Slices are drawn with replacement, as many as there are, and the backbone is fitted to them; the standard
// deviation over 100 draws of its mean ln(time) at all places. Whole slices are drawn because the points of
// one share what is particular about it. 0 for a single slice. Deterministic (Philox).
double bootstrap_sigma(const kernels::FamilyInfo& info, const Start& start, const Fit& fit);

}  // namespace tideline::calib
