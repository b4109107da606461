// Time of one decode step or one prefill pass of a deployment unit, composed in closed form from kernel
// times, all-to-all times and the schedule of its micro-batches. The unit moves at the pace of its busiest
// GPU.
//
// Error: against DeepSeek's published profiles, to which nothing is fitted: tests/measured/steps_test.cpp.
#pragma once

#include <optional>
#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/step/exchanges.h"
#include "sim/step/operation_list.h"
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
  Seconds lone_layer;            // one that has no other before or after it
  Seconds moe_layers, dense_layers, draft, head, host;
  [[nodiscard]] Seconds total() const { return moe_layers + dense_layers + draft + head + host; }
};

class StepModel {
 public:
  StepModel(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch = {});

  // REQUIRES: a unit of the phase that is asked for.
  [[nodiscard]] StepBreakdown decode(const DecodeLoad& load) const;
  [[nodiscard]] StepBreakdown prefill(const PrefillLoad& load) const;
  // Kernels of the layers of the GPU with most of its own to compute, nothing hidden, exchanges neither there
  // nor felt: what prompts weigh against one another.
  [[nodiscard]] Seconds prefill_kernels(const PrefillLoad& load) const;
  [[nodiscard]] const Unit& unit() const { return unit_; }
  // Of ln(time) of its exchanges; 0 where it has none.
  [[nodiscard]] double exchange_sigma() const { return exchanges_ ? exchanges_->sigma() : 0.0; }

 private:
  [[nodiscard]] PrefillBatch own_batch(const PrefillLoad& load) const;
  template <class Batch>
  [[nodiscard]] std::vector<Operation> moe_layer(const Batch& batch, Seconds exchanged) const;
  void run_schedule(StepBreakdown& step, Seconds dispatch, Seconds combine) const;
  // The slower of two GPUs sets the pace: the one with most of its own to compute, and the one whose experts
  // get most rows. Where no expert is preferred, or all GPUs have as much, they are one.
  template <class Batch>
  void run_slowest(StepBreakdown& step, const Batch& own, const Batch& most_rows) const;
  // The modules that draft: over all `tokens`, with a draft for each of `rows`.
  [[nodiscard]] Seconds draft(const StepBreakdown& step, double tokens, double rows) const;

  Unit unit_;
  Stretch stretch_;
  OperationList operations_;
  std::optional<Exchanges> exchanges_;  // none: one GPU, or no experts
  StageWaits waits_;
  Seconds per_launch_;  // of the host; 0: replayed from a graph
};

}  // namespace tideline::step
