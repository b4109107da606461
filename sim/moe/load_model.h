// The expert load of every MoE layer of a unit, as a scenario describes it: popularity, plan, and what a
// micro-batch puts on each GPU. The step simulation asks it layer by layer; the answer's buffers are reused.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/moe/expert_load.h"
#include "sim/moe/layer_load.h"

namespace tideline::moe {

class LoadModel {
 public:
  // One LayerModel a layer: about 0.5 ms each for 256 experts on 144 GPUs (counts: about 1 ms). Loads
  // without layers of their own (balanced, published, given) share one. REQUIRES: why_no_plan() is empty for
  // the group.
  LoadModel(const ExpertLoad& load, const ExpertGroup& group, std::uint64_t seed);

  // Valid until the next call. `layer` from 0, of the MoE layers; `micro_batch`: any number that the caller
  // counts its micro-batches with.
  const LayerLoad& draw(std::int64_t layer, std::int64_t micro_batch, std::span<const double> tokens_by_gpu);
  const LayerLoad& expect(std::int64_t layer, std::span<const double> tokens_by_gpu);
  // Mean over layers of the expected busiest / mean rows of a GPU.
  [[nodiscard]] double busiest_over_mean();

 private:
  [[nodiscard]] const LayerModel& layer_model(std::int64_t layer) const;

  std::uint64_t seed_;
  std::int64_t gpus_;
  std::vector<LayerModel> layers_;
  LayerLoad load_;
};

}  // namespace tideline::moe
