// The tables of step times of a scenario's two units, made or read from the user's store.
// Fails: InputError where the scenario names no units to run (fleet.schedule).
#pragma once

#include "sim/scenario/scenario.h"
#include "sim/step/surface_times.h"

namespace tideline::scenario {

step::SurfaceTimes step_times(const Scenario& scenario, std::uint32_t replication);

}  // namespace tideline::scenario
