#include "calib/fit/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "calib/fit/fit_backbone.h"
#include "sim/base/random.h"

namespace tideline::calib {
namespace {

constexpr std::uint64_t kDraws = 100;

}  // namespace

double bootstrap_sigma(const kernels::FamilyInfo& info, const Start& start, const Fit& fit) {
  std::vector<Record> records;
  for (const kernels::Sample& s : fit.merged.samples) records.push_back({s.at, "", "", s.time});
  const std::vector<std::vector<Record>> slices = slices_of(records);
  if (slices.size() < 2) return 0.0;
  const RandomStream random(0, static_cast<std::uint32_t>(info.id), Purpose::kKernelError);
  double sum = 0.0, square = 0.0;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    std::vector<Observation> drawn;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      const double u = uniform(random.block(draw, i)[0]);
      for (const Record& r : slices[static_cast<std::size_t>(u * static_cast<double>(slices.size()))])
        drawn.push_back({info.work_of(r.at), r.time});
    }
    const kernels::Backbone backbone = fit_backbone(start, drawn);
    double level = 0.0;
    for (const Record& r : records) {
      const kernels::Work w = info.work_of(r.at);
      level += std::log(backbone(w) / fit.backbone(w)) / static_cast<double>(records.size());
    }
    sum += level, square += level * level;
  }
  const double mean = sum / kDraws;
  return std::sqrt(std::max(0.0, square / kDraws - mean * mean));
}

}  // namespace tideline::calib
