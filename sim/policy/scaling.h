// How many units of a kind should serve: given by a schedule, or found from what they have to do.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/policy/balancers.h"

namespace tideline::policy {

enum class ScalingKind { kSchedule, kReactive };

inline constexpr std::array kScalings = {
    Policy<ScalingKind>{"schedule", "the units that fleet.schedule names, from the time it names",
                        ScalingKind::kSchedule},
    Policy<ScalingKind>{"reactive",
                        "as many as keep load per unit at a target; fewer only after a calm while",
                        ScalingKind::kReactive},
};

struct ScalingSettings {
  ScalingKind kind = ScalingKind::kSchedule;
  double target = 1.0;  // load a unit: what load is, the stage says
  Duration every{60 * kNsPerSecond};
  Duration calm{10 * 60 * kNsPerSecond};  // no fewer units than the most wanted in this time
  std::int64_t units_min = 1, units_max = 1;
};

// Keeps load / units at the target, and remembers what it wanted.
class ReactiveScaling {
 public:
  explicit ReactiveScaling(const ScalingSettings& settings) : settings_(settings) {}

  // `load`: in units of what one unit should carry times the target. REQUIRES: asked once every `every`.
  [[nodiscard]] std::int64_t units(double load) {
    const auto wanted = static_cast<std::int64_t>(std::ceil(load / settings_.target));
    wanted_.push_back(std::clamp(wanted, settings_.units_min, settings_.units_max));
    const auto remembered =
        static_cast<std::size_t>(std::max<std::int64_t>(1, settings_.calm.ns / settings_.every.ns));
    if (wanted_.size() > remembered) wanted_.erase(wanted_.begin());
    return *std::ranges::max_element(wanted_);
  }

 private:
  ScalingSettings settings_;
  std::vector<std::int64_t> wanted_;  // the last one last
};

}  // namespace tideline::policy
