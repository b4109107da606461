// How long the layers of a step take under a schedule, in closed form: the longest path through stages that
// wait for each other and for their stream.
#pragma once

#include <array>
#include <string>

#include "sim/step/schedule.h"
#include "sim/step/stage.h"

namespace tideline::step {

// An entry that stands before something that it waits for (2), or what else is wrong; empty: nothing.
std::string why_it_cannot_run(const Schedule& schedule, const StageWaits& waits);

// Time from the start of the first of `layers` layers to the end of the last, filling and draining included:
// each stage starts when its stream is free and what it waits for is done (a longest path).
Seconds run_layers(const Schedule& schedule, const StageWaits& waits, const StageTimes& times, int layers);

// Which stages a kernel of which may run while an exchange is under way, and which exchanges may have a
// kernel beside them, however long each takes.
std::array<bool, kStages> side_by_side(const Schedule& schedule, const StageWaits& waits);

// What one layer adds once the pipeline is full.
Seconds steady_layer(const Schedule& schedule, const StageWaits& waits, const StageTimes& times);

}  // namespace tideline::step
