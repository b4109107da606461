// How much longer a MoE layer takes in the simulation, GPU by GPU under drawn expert loads, than in the
// closed composition of its stages: tabulated on a coarse grid of loads. The composition times this is what
// surfaces hold: smooth where the composition is, and with the stragglers that only the simulation sees.
//
// Error: of the interpolation, against the simulation between the grid's points: tests/twin.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "sim/step/simulation.h"
#include "sim/step/step_model.h"
#include "sim/step/surface.h"

namespace tideline::step {

class DecodeCorrection {
 public:
  DecodeCorrection(const StepSimulation& simulation, const StepModel& model, TrafficSource& traffic);
  // A step at this load.
  [[nodiscard]] Seconds operator()(const DecodeLoad& load) const;

 private:
  const StepModel& model_;
  Grid3 factor_;  // (busiest requests, what others spare of them, cached tokens a request)
};

class PrefillCorrection {
 public:
  PrefillCorrection(const StepSimulation& simulation, const StepModel& model, TrafficSource& traffic);
  [[nodiscard]] Seconds operator()(const PrefillLoad& load) const;

 private:
  const StepModel& model_;
  Grid3 factor_;  // (tokens of the busiest GPU, what others spare of them, pairs a token)
};

}  // namespace tideline::step
