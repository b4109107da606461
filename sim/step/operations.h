// The operations of one layer for one micro-batch, each with its stage, shape and time: the sum of a stage's
// operations is what the schedule runs.
//
// Source of the list: DeepSeek-V3's published modelling code (decode attention absorbed into latent space,
// prefill not) and the profiles of 27 February 2025 for what is fused: quantisation into the norms before the
// first product of a block and before dispatch, SwiGLU with quantisation.
#pragma once

#include <string_view>
#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/step/schedule.h"
#include "sim/step/unit.h"

namespace tideline::step {

enum class Kind { kGemm, kAttention, kExperts, kOther };  // the groups in which profiles are published
std::string_view to_string(Kind kind);

struct Operation {
  std::string_view name;
  Stage stage;
  Kind kind;
  kernels::Answer cost;
  Seconds gap;  // from its end to the start of the next kernel
  [[nodiscard]] Seconds time() const { return cost.time + gap; }
};

// Decode, one micro-batch on the GPU that sets the pace.
struct DecodeBatch {
  double tokens = 0;  // query tokens: requests x tokens per request
  double requests = 0;
  double kv_tokens = 0;    // cached tokens per request, on average
  double expert_rows = 0;  // rows that reach the experts of the busiest GPU
};

// Prefill, one micro-batch on the GPU that sets the pace.
struct PrefillBatch {
  double tokens = 0;           // prompt tokens computed now
  double context_tokens = 0;   // these and the cached ones before them, whose keys and values are needed too
  double pairs = 0;            // query-key pairs attended to
  double expert_rows = 0;      // rows that reach the experts of the busiest GPU
  double received_tokens = 0;  // tokens that arrive for them, one copy per token and GPU
};

class OperationList {
 public:
  // Beside an all-to-all, where the unit's overlap brings one, or all alone.
  OperationList(const Unit& unit, const kernels::KernelModel& kernels);
  OperationList(const Unit& unit, const kernels::KernelModel& kernels, bool beside_communication);

  [[nodiscard]] std::vector<Operation> moe_layer(const DecodeBatch& batch) const;
  [[nodiscard]] std::vector<Operation> moe_layer(const PrefillBatch& batch) const;
  // A layer with a dense feed-forward: the same attention, nothing to dispatch; its product stands under MLP.
  [[nodiscard]] std::vector<Operation> dense_layer(const DecodeBatch& batch) const;
  [[nodiscard]] std::vector<Operation> dense_layer(const PrefillBatch& batch) const;
  // The experts' part of a MoE layer alone: `received` tokens become `rows` rows.
  [[nodiscard]] std::vector<Operation> expert_stage(double rows, double received) const;
  // Once a step: embedding, head and sampling over `rows` rows; the projection that feeds an MTP module.
  [[nodiscard]] std::vector<Operation> head(double tokens, double rows) const;
  [[nodiscard]] std::vector<Operation> draft_projection(double tokens) const;

 private:
  class Builder;
  void decode_attention(Builder& add, const DecodeBatch& batch) const;
  void prefill_attention(Builder& add, const PrefillBatch& batch) const;
  void latent_projections(Builder& add, double tokens, Stage stage) const;
  void output_projection(Builder& add, double tokens) const;
  void router(Builder& add, double tokens) const;
  void feed_forward(Builder& add, double tokens, std::int64_t width, Stage stage, Kind kind) const;
  void experts(Builder& add, double rows, double received, bool masked) const;

  Unit unit_;
  kernels::KernelModel kernels_;
  kernels::Lane lane_;
  Seconds gap_;
};

// Stage times of a list.
StageTimes sum_by_stage(const std::vector<Operation>& operations);
Seconds total(const std::vector<Operation>& operations);

}  // namespace tideline::step
