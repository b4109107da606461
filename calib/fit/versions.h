// What versions of a library differ by at one and the same shape. A version may be quicker to start, stream
// better or compute better than another: its factor is a sum over the three parts of the backbone's time,
//     ln(t_version / t) = d_start t0/f + d_memory M/f + d_compute C/f
// from the places that several versions measured, by ridge regression. t is the geometric mean of the
// versions, which stays what is fitted: no version is preferred, and a curve that only one of them measured
// is put on a level with those that both did.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "calib/fit/fit_family.h"
#include "sim/kernels/backbone.h"

namespace tideline::calib {

class Versions {
 public:
  Versions() = default;  // one version: no factors
  Versions(const kernels::FamilyInfo& info, const kernels::Backbone& backbone,
           const std::vector<Record>& records);

  // 0 for a library that was never measured beside another.
  [[nodiscard]] double log_factor(const std::string& library, const kernels::Coordinates& at) const;
  // The records as the mean of all versions would have them.
  [[nodiscard]] std::vector<Record> on_a_level(std::vector<Record> records) const;
  // Root mean square of the factors over the places of the records: which version serves is one fact for the
  // whole family.
  [[nodiscard]] double spread(const std::vector<Record>& records) const;

 private:
  using Parts = std::array<double, 3>;
  [[nodiscard]] Parts parts(const kernels::Coordinates& at) const;
  const kernels::FamilyInfo* info_ = nullptr;
  kernels::Backbone backbone_;
  std::map<std::string, Parts, std::less<>> factors_;
};

}  // namespace tideline::calib
