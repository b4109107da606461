// Time of one decode step or one prefill pass of a deployment unit, composed in closed form from kernel
// times, all-to-all times and the schedule of its micro-batches. The unit moves at the pace of its busiest
// GPU.
//
// Error: against DeepSeek's published profiles, to which nothing is fitted: tests/measured/steps_test.cpp.
#pragma once

#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/network/all_to_all.h"
#include "sim/step/operations.h"
#include "sim/step/schedule.h"
#include "sim/step/unit.h"

namespace tideline::step {

// What a decode step works on, per GPU (a rank).
struct DecodeLoad {
  double requests_mean = 0;     // over the ranks of the unit
  double requests_busiest = 0;  // on the rank with most requests
  double kv_busiest = 0;        // cached tokens on the rank with most of them, all its requests together
};

// What a prefill pass works on, per GPU.
struct PrefillLoad {
  double tokens_mean = 0;      // prompt tokens computed, over the GPUs of the unit
  double tokens_busiest = 0;   // on the GPU with most
  double pairs_busiest = 0;    // query-key pairs on the busiest GPU
  double context_busiest = 0;  // tokens whose keys are needed there: computed and cached
};

// A step taken apart: the stages of one micro-batch of one MoE layer, and what the layers and the rest add up
// to.
struct StepBreakdown {
  std::vector<Operation> layer;  // operations of a MoE layer, one micro-batch
  StageTimes stages{};           // with the all-to-alls
  Seconds moe_layer;             // one MoE layer in the steady state, all micro-batches
  Seconds moe_layers, dense_layers, draft, head, host;
  [[nodiscard]] Seconds total() const { return moe_layers + dense_layers + draft + head + host; }
};

class StepModel {
 public:
  // `all_to_all`: of a unit whose exchanges are fitted; counted ones are those of its own network.
  StepModel(const Unit& unit, const kernels::KernelModel& kernels, const network::AllToAll& all_to_all);

  // REQUIRES: a unit of the phase that is asked for.
  [[nodiscard]] StepBreakdown decode(const DecodeLoad& load) const;
  [[nodiscard]] StepBreakdown prefill(const PrefillLoad& load) const;
  [[nodiscard]] const Unit& unit() const { return unit_; }

 private:
  [[nodiscard]] int micro_batches() const { return unit_.overlap == Overlap::kTwoBatch ? 2 : 1; }
  [[nodiscard]] const Schedule& schedule() const;
  [[nodiscard]] network::AllToAllLoad exchange(double tokens) const;
  void run_schedule(StepBreakdown& step, const network::AllToAllTime& exchange) const;

  Unit unit_;
  network::AllToAll all_to_all_;
  OperationList operations_;
  double nodes_per_token_ = 1.0;
};

}  // namespace tideline::step
