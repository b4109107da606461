// The load through the day, relative to its mean: 24 hourly totals, and how the load runs within the hours.
// Charts and bills give hours; a fleet that is switched in the middle of one feels what lies between them.
#pragma once

#include <array>
#include <string_view>

#include "sim/base/policy.h"
#include "sim/config/node.h"

namespace tideline::workload {

inline constexpr int kSlotsPerDay = 24 * 12;  // of five minutes
using DayCurve = std::array<double, kSlotsPerDay>;

enum class BetweenHours { kStep, kSmooth };

inline constexpr std::array kBetweenHours = {
    Policy<BetweenHours>{"step", "every hour at its own constant load", BetweenHours::kStep},
    Policy<BetweenHours>{"smooth", "straight lines from hour to hour that keep the total of each",
                         BetweenHours::kSmooth},
};

// 1 on average over the day. Smooth: an hour begins and ends at the mean of its neighbours and itself, and
// its middle is where its total wants it; an hour whose middle would fall below 0 stays a step. REQUIRES: no
// negative load, some load.
DayCurve day_curve(const std::array<double, 24>& hours, BetweenHours between);

// "hourly_profile", and "between_hours" where it is not "step".
DayCurve read_day_curve(const config::Node& workload);

}  // namespace tideline::workload
