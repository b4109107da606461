// The tables of step times of a scenario's two units: from memory, from the user's store, or made.
#pragma once

#include "sim/scenario/scenario.h"
#include "sim/step/surface_times.h"

namespace tideline::scenario {

step::PrefillSurface prefill_surface(const Scenario& scenario);
step::DecodeSurface decode_surface(const Scenario& scenario);

struct Surfaces {
  step::PrefillSurface prefill;
  step::DecodeSurface decode;
};
// Both, side by side on two threads where there are as many.
Surfaces surfaces(const Scenario& scenario, int threads);
// The same, with the luck of a replication.
step::SurfaceTimes step_times(const Scenario& scenario, std::uint32_t replication, int threads);

}  // namespace tideline::scenario
