// How many units of a kind should serve: given by a schedule, or found from what they have to do.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/base/policy.h"
#include "sim/base/time.h"

namespace tideline::policy {

enum class ScalingKind { kSchedule, kReactive, kForecast };

inline constexpr std::array kScalings = {
    Policy<ScalingKind>{"schedule", "the units that fleet.schedule names, from the time it names",
                        ScalingKind::kSchedule},
    Policy<ScalingKind>{"reactive",
                        "as many as keep load per unit at a target; fewer only after a calm while",
                        ScalingKind::kReactive},
    Policy<ScalingKind>{"forecast",
                        "as reactive, for the load that its trend says will be there once a unit has started",
                        ScalingKind::kForecast},
};

// What is held against the target.
enum class ScalingSignal { kWork, kQueue, kRequests, kKv };

inline constexpr std::array kPrefillSignals = {
    Policy<ScalingSignal>{"work", "used share of what a unit's passes can take, of work or of tokens",
                          ScalingSignal::kWork},
    Policy<ScalingSignal>{"queue", "the same, and what waits, to be done before the next look",
                          ScalingSignal::kQueue},
};
inline constexpr std::array kDecodeSignals = {
    Policy<ScalingSignal>{"requests", "requests that are served or wait, for each GPU of a unit",
                          ScalingSignal::kRequests},
    Policy<ScalingSignal>{"kv", "share of a unit's KV blocks that requests hold or wait for",
                          ScalingSignal::kKv},
};

struct ScalingSettings {
  ScalingKind kind = ScalingKind::kSchedule;
  ScalingSignal signal = ScalingSignal::kWork;
  double target = 1.0;  // of the signal, for one unit
  Duration every{60 * kNsPerSecond};
  Duration calm{10 * 60 * kNsPerSecond};  // no fewer units than the most wanted in this time
  std::int64_t units_min = 1, units_max = 1;
  Duration ahead{};  // of a forecast

  [[nodiscard]] bool by_load() const { return kind != ScalingKind::kSchedule; }
};

// Keeps load / units at the target, and remembers what it wanted. A forecast follows the level of the load
// and its trend (Holt's linear smoothing: C. Holt, Int. J. Forecasting 20 (2004) 5-10, first written 1957).
class Scaling {
 public:
  explicit Scaling(const ScalingSettings& settings) : settings_(settings) {}

  // `load`: the signal, summed over units. REQUIRES: asked once every `every`.
  [[nodiscard]] std::int64_t units(double load) {
    if (settings_.kind == ScalingKind::kForecast) load = forecast(load);
    const auto wanted = static_cast<std::int64_t>(std::ceil(load / settings_.target));
    wanted_.push_back(std::clamp(wanted, settings_.units_min, settings_.units_max));
    const auto remembered =
        static_cast<std::size_t>(std::max<std::int64_t>(1, settings_.calm.ns / settings_.every.ns));
    if (wanted_.size() > remembered) wanted_.erase(wanted_.begin());
    return *std::ranges::max_element(wanted_);
  }

 private:
  // Weight of the newest look in the level, and of the newest step of the level in the trend. Assumed, ranges
  // 0.3-0.8 and 0.05-0.3: with a look a minute a level of two minutes and a trend of ten.
  static constexpr double kLevel = 0.5, kTrend = 0.1;

  double forecast(double load) {
    if (wanted_.empty()) level_ = load;
    const double before = level_;
    level_ = kLevel * load + (1.0 - kLevel) * (level_ + trend_);
    trend_ += kTrend * (level_ - before - trend_);
    const double looks = static_cast<double>(settings_.ahead.ns) / static_cast<double>(settings_.every.ns);
    return std::max(0.0, level_ + trend_ * looks);
  }

  ScalingSettings settings_;
  std::vector<std::int64_t> wanted_;  // the last one last
  double level_ = 0.0, trend_ = 0.0;  // of the load; a look
};

}  // namespace tideline::policy
