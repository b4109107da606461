// The operations of one layer for one micro-batch: what each is, its shape, its stage and what it waits for.
// What they take is in sim/step/operation_list.h, how they depend on each other as a graph in
// sim/step/layer_graph.h.
//
// Source of the list: DeepSeek-V3's published modelling code (decode attention absorbed into latent space,
// prefill not) and the profiles of 27 February 2025 for what is fused: quantisation into the norms before the
// first product of a block and before dispatch, SwiGLU with quantisation.
#pragma once

#include <array>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/kernels/answer.h"
#include "sim/kernels/shapes.h"
#include "sim/step/stage.h"
#include "sim/step/unit.h"

namespace tideline::step {

enum class Kind { kGemm, kAttention, kExperts, kOther, kExchange };  // as profiles are published
std::string_view to_string(Kind kind);

// A dispatch or a combine: its time is that of all GPUs together (sim/step/exchanges.h).
struct AllToAll {};

using Shape = std::variant<kernels::DenseGemm, kernels::Bf16Gemm, kernels::GroupedGemm, kernels::BatchedGemm,
                           kernels::MlaDecode, kernels::PrefillAttention, kernels::GqaDecode,
                           kernels::Streaming, AllToAll>;

struct Operation {
  std::string_view name;
  Stage stage = Stage::kAttention0;
  Kind kind = Kind::kOther;
  Shape shape;
  std::array<int, 2> after{-1, -1};  // places in the list of what it waits for, -1: nothing
  kernels::Answer cost;              // none before it is priced
  Seconds gap;                       // from its end to the start of the next kernel
  [[nodiscard]] Seconds time() const { return cost.time + gap; }
};

// Decode, one micro-batch of one GPU.
struct DecodeBatch {
  double tokens = 0;  // query tokens: requests x tokens per request
  double requests = 0;
  double kv_tokens = 0;    // cached tokens per request, on average
  double expert_rows = 0;  // rows that reach its experts
  bool operator==(const DecodeBatch&) const = default;
};

// Prefill, one micro-batch of one GPU.
struct PrefillBatch {
  double tokens = 0;           // prompt tokens computed now
  double context_tokens = 0;   // these and the cached ones before them, whose keys and values are needed too
  double pairs = 0;            // query-key pairs attended to
  double expert_rows = 0;      // rows that reach its experts
  double received_tokens = 0;  // tokens that arrive for them, one copy per token and GPU
  bool operator==(const PrefillBatch&) const = default;
};

// In the order in which a GPU runs them. REQUIRES: a unit of the batch's phase.
std::vector<Operation> moe_layer(const Unit& unit, const DecodeBatch& batch);
std::vector<Operation> moe_layer(const Unit& unit, const PrefillBatch& batch);
// A layer with a dense feed-forward: the same attention, nothing to dispatch; its product stands under MLP.
std::vector<Operation> dense_layer(const Unit& unit, const DecodeBatch& batch);
std::vector<Operation> dense_layer(const Unit& unit, const PrefillBatch& batch);
// A layer of the unit's phase with a token in it: for what depends on the model alone.
std::vector<Operation> any_layer(const Unit& unit);
// The experts' part of a MoE layer alone: `received` tokens become `rows` rows.
std::vector<Operation> expert_stage(const Unit& unit, double rows, double received);
// Once a step: embedding, head and sampling over `rows` rows; the projection that feeds an MTP module.
std::vector<Operation> head(const Unit& unit, double tokens, double rows);
std::vector<Operation> draft_projection(const Unit& unit, double tokens);

}  // namespace tideline::step
