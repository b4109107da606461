// Step time as a table: the step model is asked once per grid point, the fleet reads between them. A year of
// steps then costs a few nanoseconds each.
//
// Axes are geometric above their first point, and reading is linear in each. Outside the grid the last cell
// is extended. Error: 1.4 % on average against the whole simulated step on random loads (tests/twin).
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "sim/step/step_model.h"

namespace tideline::step {

class Axis {
 public:
  // Between points cell and cell + 1.
  struct Place {
    std::size_t cell;
    double weight;
  };

  // 0, then `first`, first * ratio, ... up to at least `last`.
  static Axis geometric(double first, double last, double ratio);
  // 0, 1 / cells, ... 1.
  static Axis unit_interval(int cells);
  [[nodiscard]] const std::vector<double>& points() const { return points_; }
  [[nodiscard]] Place locate(double x) const;

 private:
  std::vector<double> points_;
  double inverse_log_ratio_ = 0.0;  // of a geometric axis
};

class Grid3 {
 public:
  Grid3(std::array<Axis, 3> axes, const std::function<double(double, double, double)>& value);
  [[nodiscard]] double operator()(double x, double y, double z) const;

 private:
  [[nodiscard]] std::size_t index(std::size_t i, std::size_t j, std::size_t k) const {
    return (i * size_[1] + j) * size_[2] + k;
  }
  std::array<Axis, 3> axes_;
  std::array<std::size_t, 3> size_{};
  std::vector<double> values_;
};

// Seconds of a decode step for (busiest requests, mean / busiest requests, busiest KV tokens) of the ranks.
class DecodeSurface {
 public:
  using StepTime = std::function<Seconds(const DecodeLoad&)>;
  DecodeSurface(const StepTime& step_time, double requests_max, double kv_max);
  DecodeSurface(const StepModel& model, double requests_max, double kv_max);
  [[nodiscard]] Seconds operator()(const DecodeLoad& load) const;

 private:
  Grid3 grid_;
};

// Seconds of a prefill pass for (tokens of the busiest GPU, mean / busiest tokens, its work of attending).
// That work, pairs and context together, is one axis: a context token weighs as many pairs as take the time
// of its up-projection.
class PrefillSurface {
 public:
  using PassTime = std::function<Seconds(const PrefillLoad&)>;
  PrefillSurface(const PassTime& pass_time, double tokens_max, double context_max);
  PrefillSurface(const StepModel& model, double tokens_max, double context_max);
  [[nodiscard]] Seconds operator()(const PrefillLoad& load) const;
  // Pairs that take as long as one context token, and as one computed token: what balancers weigh work with.
  [[nodiscard]] double pairs_per_context_token() const { return pairs_per_context_; }
  [[nodiscard]] double pairs_per_token() const { return pairs_per_token_; }

 private:
  double pairs_per_context_, pairs_per_token_;
  Grid3 grid_;
};

}  // namespace tideline::step
