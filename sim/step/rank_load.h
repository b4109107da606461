// What each GPU of a unit works on in one step, and what its experts receive in each layer: the input of the
// step simulation. The closed composition (step_model.h) takes the mean and the busiest of the same.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

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
  std::vector<double> rows;      // rows of the products of the experts there
  std::vector<double> received;  // tokens that arrive for them, one copy a token and GPU
};

// Expert traffic of every layer and micro-batch, asked for in any order; the same question, the same answer.
class TrafficSource {
 public:
  virtual ~TrafficSource() = default;
  // `tokens`: of this micro-batch, by GPU. Writes into `traffic`, whose vectors have an element a GPU.
  virtual void draw(int layer, int micro_batch, std::span<const double> tokens, ExpertTraffic& traffic) = 0;
};

// Every expert as popular as every other, and as many of them on every GPU; or one GPU, another in each layer
// and micro-batch, with `busiest_over_mean` times what the others have on average.
class FactorTraffic : public TrafficSource {
 public:
  explicit FactorTraffic(double experts_per_token, double busiest_over_mean = 1.0)
      : experts_per_token_(experts_per_token), busiest_over_mean_(busiest_over_mean) {}
  void draw(int layer, int micro_batch, std::span<const double> tokens, ExpertTraffic& traffic) override;

 private:
  double experts_per_token_, busiest_over_mean_;
};

// The traffic of a unit as its expert load says.
std::unique_ptr<TrafficSource> traffic_of(const Unit& unit);

}  // namespace tideline::step
