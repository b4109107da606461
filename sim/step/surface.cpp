#include "sim/step/surface.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace tideline::step {

Axis Axis::geometric(double first, double last, double ratio) {
  Axis axis;
  axis.inverse_log_ratio_ = 1.0 / std::log2(ratio);
  axis.points_.push_back(0.0);
  for (double x = first;; x *= ratio) {
    axis.points_.push_back(x);
    if (x >= last) return axis;
  }
}

Axis Axis::unit_interval(int cells) {
  Axis axis;
  for (int i = 0; i <= cells; ++i) axis.points_.push_back(static_cast<double>(i) / cells);
  return axis;
}

Axis::Place Axis::locate(double x) const {
  double at = 0.0;
  if (x > points_[1])
    at = inverse_log_ratio_ > 0.0 ? 1.0 + std::log2(x / points_[1]) * inverse_log_ratio_ : x / points_[1];
  const std::size_t cell = std::min(static_cast<std::size_t>(at), points_.size() - 2);
  return {cell, (x - points_[cell]) / (points_[cell + 1] - points_[cell])};
}

Grid3::Grid3(std::array<Axis, 3> axes, const std::function<double(double, double, double)>& value)
    : axes_(std::move(axes)) {
  for (std::size_t a = 0; a < 3; ++a) size_[a] = axes_[a].points().size();
  values_.reserve(size_[0] * size_[1] * size_[2]);
  for (const double x : axes_[0].points())
    for (const double y : axes_[1].points())
      for (const double z : axes_[2].points()) {
        values_.push_back(value(x, y, z));
        CHECK(std::isfinite(values_.back()), "no time at ({}, {}, {})", x, y, z);
      }
}

double Grid3::operator()(double x, double y, double z) const {
  const auto [i, u] = axes_[0].locate(x);
  const auto [j, v] = axes_[1].locate(y);
  const auto [k, w] = axes_[2].locate(z);
  auto along_z = [&, k = k, w = w](std::size_t a, std::size_t b) {
    const double* cell = &values_[index(a, b, k)];
    return cell[0] + w * (cell[1] - cell[0]);
  };
  auto along_yz = [&, j = j, v = v](std::size_t a) {
    const double low = along_z(a, j);
    return low + v * (along_z(a, j + 1) - low);
  };
  const double low = along_yz(i);
  return low + u * (along_yz(i + 1) - low);
}

namespace {

double share(double mean, double busiest) {
  return busiest > 0.0 ? mean / busiest : 1.0;
}

}  // namespace

DecodeSurface::DecodeSurface(const StepTime& step_time, double requests_max, double kv_max)
    : grid_({Axis::geometric(1.0, requests_max, 1.19), Axis::unit_interval(8),
             Axis::geometric(8192.0, kv_max, 1.3)},
            [&](double busiest, double mean_share, double kv) {
              return step_time({mean_share * busiest, busiest, kv}).value();
            }) {}

DecodeSurface::DecodeSurface(const StepModel& model, double requests_max, double kv_max)
    : DecodeSurface([&](const DecodeLoad& load) { return model.decode(load).total(); }, requests_max,
                    kv_max) {}

Seconds DecodeSurface::operator()(const DecodeLoad& load) const {
  return Seconds(
      grid_(load.requests_busiest, share(load.requests_mean, load.requests_busiest), load.kv_busiest));
}

namespace {

// A load where attention dominates, so that what is added to it is felt on the critical path.
constexpr double kPairs = 64.0 * 4096 * 4096;
constexpr PrefillLoad kHeavy{8192, 8192, kPairs, 8192};

// How many pairs take as long as one unit of what `more` has above kHeavy; none where pairs take no time.
double in_pairs(const PrefillSurface::PassTime& pass_time, const PrefillLoad& more, double amount) {
  PrefillLoad pairs = kHeavy;
  pairs.pairs_busiest += kPairs;
  const Seconds base = pass_time(kHeavy);
  const Seconds per_pair = (pass_time(pairs) - base) / kPairs;
  return per_pair > Seconds(0.0) ? (pass_time(more) - base) / amount / per_pair : 0.0;
}

}  // namespace

PrefillSurface::PrefillSurface(const PassTime& pass_time, double tokens_max, double context_max)
    : pairs_per_context_(in_pairs(pass_time, {8192, 8192, kPairs, 8192 + 65536}, 65536)),
      pairs_per_token_(in_pairs(pass_time, {8192, 16384, kPairs, 8192}, 8192)),
      grid_({Axis::geometric(128.0, tokens_max, 1.3), Axis::unit_interval(8),
             Axis::geometric(128.0 * 128.0, tokens_max * context_max, 1.6)},
            // Pairs stand for all the work of attending, the up-projection of the context among it.
            [&](double busiest, double mean_share, double work) {
              return pass_time({mean_share * busiest, busiest, work, 0.0}).value();
            }) {}

PrefillSurface::PrefillSurface(const StepModel& model, double tokens_max, double context_max)
    : PrefillSurface([&](const PrefillLoad& load) { return model.prefill(load).total(); }, tokens_max,
                     context_max) {}

Seconds PrefillSurface::operator()(const PrefillLoad& load) const {
  const double work = load.pairs_busiest + pairs_per_context_ * load.context_busiest;
  return Seconds(grid_(load.tokens_busiest, share(load.tokens_mean, load.tokens_busiest), work));
}

}  // namespace tideline::step
