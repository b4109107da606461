// Where the experts of a layer stand: which expert fills each replica slot of each GPU.
//
// 1. Every GPU has the same number of slots; slot s stands on GPU s / slots_per_gpu.
// 2. Every expert has a slot. Its replicas share its tokens evenly, whatever GPU they stand on.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/moe/gate.h"

namespace tideline::moe {

struct Placement {
  std::int64_t gpus = 0, slots_per_gpu = 0;
  std::vector<std::int32_t> expert_of_slot;
  std::vector<std::int32_t> replicas;  // of each expert

  [[nodiscard]] double share(std::int64_t slot) const { return 1.0 / replicas[expert_of_slot[slot]]; }
  // What GPUs [first, end) hold together, each expert once, in the order of experts.
  [[nodiscard]] std::vector<ExpertShare> held(std::int64_t first, std::int64_t end) const;
  // Load of each GPU, for loads of experts.
  [[nodiscard]] std::vector<double> load_by_gpu(const std::vector<double>& load_by_expert) const;
};

// From the expert of each slot. REQUIRES: slots divide over the GPUs; every expert below `experts` has a
// slot.
Placement place(std::vector<std::int32_t> expert_of_slot, std::int64_t experts, std::int64_t gpus);

// No plan: experts in order; slots beyond them hold experts 0, 1, ... again. Source: SGLang's trivial
// placement (physical expert i holds logical expert i modulo their number).
Placement in_order(std::int64_t experts, std::int64_t slots, std::int64_t gpus);

// Mean over max, 1 when there is no load.
double balancedness(const std::vector<double>& loads);

}  // namespace tideline::moe
