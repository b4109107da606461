// What versions of a library differ by at one and the same shape. A version may be quicker to start, stream
// better or compute better than another: how much it is off the mean of the versions is taken from the places
// that several versions measured, the nearer the more, by what a kernel's time consists of there (start-up,
// memory and compute as shares of the backbone). Far from any such place nothing is known of a version, and
// its factor is 1. The mean of the versions stays what is fitted: none is preferred, and a curve that one of
// them measured alone is put on a level with those that both did.
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
  struct Comparison {
    Parts parts;
    double log = 0.0;  // of the version's time over the mean of the versions
  };
  std::map<std::string, std::vector<Comparison>, std::less<>> comparisons_;
};

}  // namespace tideline::calib
