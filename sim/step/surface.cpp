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

Axis::Place Axis::locate(double x) const {
  double at = 0.0;
  if (x > points_[1]) at = 1.0 + std::log2(x / points_[1]) * inverse_log_ratio_;
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

Grid3::Grid3(std::array<Axis, 3> axes, std::vector<double> values)
    : axes_(std::move(axes)), values_(std::move(values)) {
  for (std::size_t a = 0; a < 3; ++a) size_[a] = axes_[a].points().size();
  CHECK(values_.size() == size_[0] * size_[1] * size_[2], "{} values", values_.size());
}

Line::Line(Axis axis, const std::function<double(double)>& value) : axis_(std::move(axis)) {
  for (const double x : axis_.points()) values_.push_back(value(x));
}

Line::Line(Axis axis, std::vector<double> values) : axis_(std::move(axis)), values_(std::move(values)) {
  CHECK(values_.size() == axis_.points().size(), "{} values", values_.size());
}

double Line::operator()(double x) const {
  const auto [i, w] = axis_.locate(std::clamp(x, axis_.points().front(), axis_.points().back()));
  return values_[i] + w * (values_[i + 1] - values_[i]);
}

double spare(double mean, double busiest) {
  return busiest > 0.0 ? 1.0 - mean / busiest : 0.0;
}

Axis spare_axis(double ratio) {
  return Axis::geometric(1.0 / 32.0, 1.0, ratio);
}

namespace {

std::array<Axis, 3> decode_axes(double requests_max, double kv_max) {
  return {Axis::geometric(1.0, requests_max, 1.19), spare_axis(std::sqrt(2.0)),
          Axis::geometric(8192.0, kv_max, 1.1)};
}

std::array<Axis, 3> prefill_axes(double tokens_max, double context_max) {
  return {Axis::geometric(128.0, tokens_max, 1.1), spare_axis(std::sqrt(2.0)),
          Axis::geometric(128.0 * 128.0, tokens_max * context_max, 1.25)};
}

Axis decode_spread_axis() {
  return Axis::geometric(8.0, 512.0, 4.0);
}

Axis prefill_spread_axis() {
  return Axis::geometric(1024.0, 16384.0, 4.0);
}

std::vector<double> part(std::span<const double> values, std::size_t from, std::size_t count) {
  CHECK(from + count <= values.size(), "{} values", values.size());
  const auto piece = values.subspan(from, count);
  return {piece.begin(), piece.end()};
}

std::size_t points(const std::array<Axis, 3>& axes) {
  return axes[0].points().size() * axes[1].points().size() * axes[2].points().size();
}

std::vector<double> together(std::vector<double> values, const std::vector<double>& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

}  // namespace

DecodeSurface::DecodeSurface(const StepTime& step_time, double requests_max, double kv_max,
                             const Spread& spread)
    : grid_(decode_axes(requests_max, kv_max),
            [&](double busiest, double spare, double kv) {
              return step_time({(1.0 - spare) * busiest, busiest, kv}).value();
            }),
      spread_(decode_spread_axis(), spread) {}

DecodeSurface::DecodeSurface(std::span<const double> values, double requests_max, double kv_max)
    : grid_(decode_axes(requests_max, kv_max), part(values, 0, points(decode_axes(requests_max, kv_max)))),
      spread_(decode_spread_axis(),
              part(values, grid_.values().size(), values.size() - grid_.values().size())) {}

Seconds DecodeSurface::operator()(const DecodeLoad& load) const {
  return Seconds(
      grid_(load.requests_busiest, spare(load.requests_mean, load.requests_busiest), load.kv_busiest));
}

std::vector<double> DecodeSurface::values() const {
  return together(grid_.values(), spread_.values());
}

namespace {

// A load where attention dominates, so that what is added to it is felt on the critical path.
constexpr double kPairs = 64.0 * 4096 * 4096;
constexpr PrefillLoad kHeavy{8192, 8192, kPairs, 8192};

// How many pairs take as long as one unit of what `more` has above kHeavy; none where pairs take no time.
double in_pairs(const PassTime& pass_time, const PrefillLoad& more, double amount) {
  PrefillLoad pairs = kHeavy;
  pairs.pairs_busiest += kPairs;
  const Seconds base = pass_time(kHeavy);
  const Seconds per_pair = (pass_time(pairs) - base) / kPairs;
  return per_pair > Seconds(0.0) ? (pass_time(more) - base) / amount / per_pair : 0.0;
}

}  // namespace

PrefillWeights weigh(const PassTime& pass_time) {
  return {.pairs_per_token = in_pairs(pass_time, {8192, 16384, kPairs, 8192}, 8192),
          .pairs_per_context = in_pairs(pass_time, {8192, 8192, kPairs, 8192 + 65536}, 65536)};
}

PrefillSurface::PrefillSurface(const PassTime& pass_time, const PrefillWeights& weights, double tokens_max,
                               double context_max, const Spread& spread)
    : weights_(weights),
      grid_(prefill_axes(tokens_max, context_max),
            // Pairs stand for all the work of attending, the up-projection of the context among it.
            [&](double busiest, double spare, double work) {
              return pass_time({(1.0 - spare) * busiest, busiest, work, 0.0}).value();
            }),
      spread_(prefill_spread_axis(), spread) {}

PrefillSurface::PrefillSurface(std::span<const double> values, double tokens_max, double context_max)
    : weights_{values[0], values[1]},
      grid_(prefill_axes(tokens_max, context_max),
            part(values, 2, points(prefill_axes(tokens_max, context_max)))),
      spread_(prefill_spread_axis(),
              part(values, 2 + grid_.values().size(), values.size() - 2 - grid_.values().size())) {}

Seconds PrefillSurface::operator()(const PrefillLoad& load) const {
  // The GPU with most work may have fewer tokens than others, a short chunk after a long prefix: then as much
  // work with the mean of tokens.
  const double tokens = std::max(load.tokens_busiest, load.tokens_mean);
  const double work = load.pairs_busiest + weights_.pairs_per_context * load.context_busiest -
                      weights_.pairs_per_token * (tokens - load.tokens_busiest);
  return Seconds(grid_(tokens, spare(load.tokens_mean, tokens), std::max(work, 0.0)));
}

std::vector<double> PrefillSurface::values() const {
  return together(together({weights_.pairs_per_token, weights_.pairs_per_context}, grid_.values()),
                  spread_.values());
}

}  // namespace tideline::step
