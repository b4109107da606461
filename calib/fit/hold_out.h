// What a fit says of slices that it has not seen. A slice is one curve of a family (one kernel at one number
// of experts or requests), or one point in a family of fewer than five curves. Each of several seeds puts the
// slices into five folds; the fit of four folds is asked for the fifth, each record by its own library
// version.
#pragma once

#include <string>
#include <vector>

#include "calib/fit/errors.h"
#include "calib/fit/fit_backbone.h"
#include "calib/fit/fit_family.h"
#include "calib/fit/merge.h"
#include "calib/fit/versions.h"
#include "sim/kernels/backbone.h"

namespace tideline::calib {

// A family fitted to records, before errors are known.
struct Fit {
  kernels::Backbone backbone;
  Versions versions;
  Merged merged;
};
Fit fit_records(const kernels::FamilyInfo& info, const Start& start, const std::vector<Record>& records);

// Each inner point of each curve, asked of the fit without it.
std::vector<Errors> leave_points_out(const kernels::FamilyInfo& info, const Fit& fit,
                                     const std::vector<std::vector<Record>>& slices);

// Records by place: each shape a slice of its own.
std::vector<std::vector<Record>> shapes_of(const std::vector<Record>& records);
// Slices of records, in the order of their coordinates.
std::vector<std::vector<Record>> slices_of(const std::vector<Record>& records);
// Records by kernel, with all its curves.
std::vector<std::vector<Record>> kernels_of(const std::vector<Record>& records);

struct HeldOut {
  std::vector<Errors> interpolated, neighbours,
      extrapolated;  // one of each a slice, by what the answer stood on
  [[nodiscard]] Errors all() const;
};

// The share of errors inside a 90 % interval that the errors of the other slices give.
double coverage(const std::vector<Errors>& slices, double sigma_min);
// Fewer than five slices: each alone. A single one: nothing.
HeldOut hold_out(const kernels::FamilyInfo& info, const Start& start,
                 const std::vector<std::vector<Record>>& slices);

}  // namespace tideline::calib
