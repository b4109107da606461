// Step time as a table: the step model is asked once per grid point, the fleet reads between them. A year of
// steps then costs a few nanoseconds each.
//
// Axes are geometric above their first point, and reading is linear in each. Outside the grid the last cell
// is extended. Error: 0.3 % on average in decode, 1 % in prefill, against the whole simulated step on random
// loads (tests/twin).
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "sim/step/step_model.h"
#include "sim/step/step_times.h"

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
  [[nodiscard]] const std::vector<double>& points() const { return points_; }
  [[nodiscard]] Place locate(double x) const;

 private:
  std::vector<double> points_;
  double inverse_log_ratio_ = 0.0;  // of a geometric axis
};

class Grid3 {
 public:
  using Value = std::function<double(double, double, double)>;
  Grid3(std::array<Axis, 3> axes, const Value& value);
  // With values known already, in the order of values(). REQUIRES: as many as the axes have points.
  Grid3(std::array<Axis, 3> axes, std::vector<double> values);
  [[nodiscard]] double operator()(double x, double y, double z) const;
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  [[nodiscard]] std::size_t index(std::size_t i, std::size_t j, std::size_t k) const {
    return (i * size_[1] + j) * size_[2] + k;
  }
  std::array<Axis, 3> axes_;
  std::array<std::size_t, 3> size_{};
  std::vector<double> values_;
};

// What the others have less than the busiest, as a share of what it has: 0 where all have as much. Between
// ranks that a balancer fills it is small, and there another of them begins to set the pace.
double spare(double mean, double busiest);
// Of it: 0, 1/32, ... 1.
Axis spare_axis(double ratio);

// A value over one axis.
class Line {
 public:
  Line(Axis axis, const std::function<double(double)>& value);
  Line(Axis axis, std::vector<double> values);
  // Flat beyond its ends.
  [[nodiscard]] double operator()(double x) const;
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  Axis axis_;
  std::vector<double> values_;
};

// Seconds of a decode step for (busiest requests, what others spare of them, busiest KV tokens) of the ranks.
class DecodeSurface {
 public:
  using StepTime = std::function<Seconds(const DecodeLoad&)>;
  // Of ln(time of a step), over the luck of its tokens, by the busiest requests.
  using Spread = std::function<double(double requests)>;
  DecodeSurface(const StepTime& step_time, double requests_max, double kv_max, const Spread& spread = none());
  // Made of what values() gave, for the same extent.
  DecodeSurface(std::span<const double> values, double requests_max, double kv_max);
  [[nodiscard]] Seconds operator()(const DecodeLoad& load) const;
  [[nodiscard]] double spread(const DecodeLoad& load) const { return spread_(load.requests_busiest); }
  [[nodiscard]] std::vector<double> values() const;
  static Spread none() {
    return [](double) { return 0.0; };
  }

 private:
  Grid3 grid_;
  Line spread_;
};

// Weights of a unit whose passes take `pass_time`, from how it grows where attention dominates.
using PassTime = std::function<Seconds(const PrefillLoad&)>;
PrefillWeights weigh(const PassTime& pass_time);

// Seconds of a prefill pass for (tokens of the busiest GPU, what others spare of them, its work of
// attending). That work, pairs and context together, is one axis: a context token weighs as many pairs as
// take the time of its keys.
class PrefillSurface {
 public:
  using Spread = std::function<double(double tokens)>;
  PrefillSurface(const PassTime& pass_time, const PrefillWeights& weights, double tokens_max,
                 double context_max, const Spread& spread = DecodeSurface::none());
  PrefillSurface(std::span<const double> values, double tokens_max, double context_max);
  [[nodiscard]] Seconds operator()(const PrefillLoad& load) const;
  [[nodiscard]] double spread(const PrefillLoad& load) const { return spread_(load.tokens_busiest); }
  [[nodiscard]] const PrefillWeights& weights() const { return weights_; }
  [[nodiscard]] std::vector<double> values() const;

 private:
  PrefillWeights weights_;
  Grid3 grid_;
  Line spread_;
};

}  // namespace tideline::step
