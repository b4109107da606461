// Records that a known backbone made, for tests of what is fitted to them.
#pragma once

#include <cmath>
#include <vector>

#include "calib/fit/fit_family.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

inline const kernels::FamilyInfo& dense() {
  return kernels::kFamilies[static_cast<std::size_t>(kernels::FamilyId::kDenseGemm)];
}

inline kernels::Backbone truth() {
  return {.peak = FlopPerSecond(1.979e15),
          .bandwidth = BytesPerSecond(3.35e12),
          .t0 = Seconds(4e-6),
          .ec = 0.7,
          .em = 0.9,
          .p = 2.0,
          .t1 = Seconds(5e-8)};
}

inline kernels::Backbone start() {
  kernels::Backbone b;
  b.peak = truth().peak, b.bandwidth = truth().bandwidth;
  return b;
}

// A curve of nine points for each (n, k), times `factor`.
inline std::vector<Record> curve(std::int64_t n, std::int64_t k, const char* library, double factor = 1.0) {
  std::vector<Record> records;
  for (double m = 16; m <= 4096; m *= 2) {
    const kernels::Coordinates at{n, k, 1.0, m};
    records.push_back({at, "made", library, truth()(dense().work_of(at)) * factor});
  }
  return records;
}

inline std::vector<Record> together(const std::vector<std::vector<Record>>& curves) {
  std::vector<Record> all;
  for (const auto& c : curves) all.insert(all.end(), c.begin(), c.end());
  return all;
}

// Six kernels, each its own way off by up to `spread` in ln(time).
inline std::vector<Record> six_kernels(double spread) {
  std::vector<std::vector<Record>> curves;
  int i = 0;
  for (const std::int64_t n : {576, 4096, 24576})
    for (const std::int64_t k : {1536, 7168})
      curves.push_back(curve(n, k, "v1", std::exp(spread * (static_cast<double>(i++) / 2.5 - 1.0))));
  return together(curves);
}

}  // namespace tideline::calib
