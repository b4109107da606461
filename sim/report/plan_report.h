// Renders a plan: text for a screen, JSON for programs, and the schedule for a scenario that runs it.
#pragma once

#include <string>

#include "sim/plan/plan.h"

namespace tideline::report {

// The staircase, what decides each of its steps, and what happens when a unit is lost.
std::string plan_text(const plan::Plan& plan);
std::string plan_json(const plan::Plan& plan);
// As "fleet.schedule" of a scenario has it.
std::string planned_schedule(const plan::Plan& plan);

}  // namespace tideline::report
