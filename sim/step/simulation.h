// One prefill pass or one decode step of one deployment unit, simulated kernel by kernel on every GPU.
//
// 1. A GPU has a compute and a communication stream; each runs the entries of the schedule in order, an entry
//    when what its stage waits for is done.
// 2. A dispatch or combine is one exchange of all GPUs: a GPU's part is over when every GPU has entered and
//    sent and its own share has arrived. The slowest GPU holds the others up because they wait, not by a
//    factor.
// 3. While an exchange is under way on its GPU, a kernel goes on at the pace it has beside one.
// 4. Layers with a dense feed-forward exchange nothing; draft (MTP) layers and the head follow the layers.
// 5. Deterministic: the same loads and traffic give the same nanoseconds.
//
// Error: against DeepSeek's published profiles, to which nothing is fitted: tideline validate.
#pragma once

#include <optional>
#include <span>

#include "sim/step/exchanges.h"
#include "sim/step/program.h"
#include "sim/step/rank_load.h"
#include "sim/step/timeline.h"
#include "sim/step/unit.h"

namespace tideline::step {

struct SimulationOptions {
  bool spans = false;      // keep them
  int moe_layers_max = 0;  // simulate only so many MoE layers, no dense and draft ones; 0: the whole step
};

class StepSimulation {
 public:
  StepSimulation(const Unit& unit, const kernels::KernelModel& kernels);

  // `ranks`: one load a GPU, or one that all have. REQUIRES: one or unit.gpus() of them.
  [[nodiscard]] SimulatedStep run(std::span<const RankLoad> ranks, TrafficSource& traffic,
                                  const SimulationOptions& options = {}) const;
  [[nodiscard]] const Unit& unit() const { return unit_; }

 private:
  Unit unit_;
  Compiler compiler_;
  ExpertProgram experts_;
  StageWaits waits_;
  Seconds gap_;
  kernels::HostLaunch host_;
  std::optional<Exchanges> exchanges_;  // none: one GPU, or no experts
};

}  // namespace tideline::step
