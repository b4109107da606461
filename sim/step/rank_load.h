// What each GPU of a unit works on in one step, and what its experts receive in each layer: the input of the
// step simulation. The closed composition (step_model.h) takes the mean and the busiest of the same.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/moe/load_model.h"
#include "sim/step/unit.h"

namespace tideline::step {

// One GPU's own batch, over all micro-batches.
struct RankLoad {
  double requests = 0;   // decode
  double kv_tokens = 0;  // decode: cached tokens of all its requests
  double tokens = 0;     // prefill: prompt tokens computed
  double pairs = 0;      // prefill: query-key pairs attended to
  double context = 0;    // prefill: tokens whose keys are needed, computed and cached
  auto operator<=>(const RankLoad&) const = default;
};

// Where the tokens of one micro-batch go in one layer, by GPU.
struct ExpertTraffic {
  std::vector<double> rows;              // rows of the products of the experts there
  std::vector<double> received;          // tokens that arrive for them, one copy a token and GPU
  std::vector<double> received_by_node;  // the same by node
};

// Expert traffic of every layer and micro-batch of a unit; the same question, the same answer.
class TrafficSource {
 public:
  TrafficSource(const Unit& unit, std::uint64_t seed);
  // `tokens`: of this micro-batch, by GPU. Layers are counted over all of the model's, dense and draft ones
  // too; a draft layer's experts are as popular as those of the first MoE layer, its tokens other ones.
  void draw(int layer, int micro_batch, std::span<const double> tokens, ExpertTraffic& traffic);
  // Draws are those of this step from now on: the same popularity, other tokens. Any number.
  void begin_step(std::uint64_t step) { step_ = static_cast<std::int64_t>(step); }

 private:
  int dense_layers_, moe_layers_;
  std::int64_t step_ = 0;
  moe::LoadModel load_;
};

}  // namespace tideline::step
