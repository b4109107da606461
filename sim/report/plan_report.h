// Renders a plan: text for a screen, JSON for programs, and the scenario that runs it.
#pragma once

#include <string>

#include "sim/plan/plan.h"

namespace tideline::report {

// The staircase, what decides each of its steps, and what happens when a unit is lost.
std::string plan_text(const plan::Plan& plan);
std::string plan_json(const plan::Plan& plan);
// A scenario that extends `base` (a path) by the schedule of the plan.
std::string planned_scenario(const plan::Plan& plan, const std::string& base);

// Local time of day of an instant: "08:30".
std::string local_clock(const scenario::Scenario& scenario, Instant t);

}  // namespace tideline::report
