#include "sim/step/operations.h"

namespace tideline::step {

using kernels::BatchedGemm;
using kernels::Bf16Gemm;
using kernels::DenseGemm;
using kernels::GroupedGemm;
using kernels::Streaming;
using enum Stage;

namespace {

constexpr double kBf16 = 2.0, kFp32 = 4.0;
// FP8 values with one FP32 scale per 128.
constexpr double kFp8 = 1.0 + 4.0 / 128.0;

Bytes bytes(double values, double per_value) {
  return Bytes(values * per_value);
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kGemm:
      return "GEMM";
    case Kind::kAttention:
      return "attention";
    case Kind::kExperts:
      return "MoE";
    case Kind::kOther:
      return "other";
  }
  return "";
}

class OperationList::Builder {
 public:
  Builder(const kernels::KernelModel& kernels, kernels::Lane lane, Seconds gap)
      : kernels_(kernels), lane_(lane), gap_(gap) {}

  template <class Shape>
  void operator()(std::string_view name, Stage stage, Kind kind, const Shape& shape) {
    list.push_back({name, stage, kind, kernels_.time(shape, lane_), gap_});
  }
  std::vector<Operation> list;

 private:
  const kernels::KernelModel& kernels_;
  kernels::Lane lane_;
  Seconds gap_;
};

OperationList::OperationList(const Unit& unit, const kernels::KernelModel& kernels)
    : OperationList(unit, kernels, unit.overlap == Overlap::kTwoBatch && unit.communication_sms > 0) {}

OperationList::OperationList(const Unit& unit, const kernels::KernelModel& kernels, bool beside_communication)
    : unit_(unit),
      kernels_(kernels),
      gap_(kernels.launch_gap(unit.phase == Phase::kDecode ? kernels::Launch::kGraph
                                                           : kernels::Launch::kEager)) {
  lane_.sms = unit.node.gpu.sms - (unit.overlap == Overlap::kTwoBatch ? unit.communication_sms : 0);
  lane_.beside_communication = beside_communication;
}

// Norm (fused with the residual and with quantisation), then down to the latents and, for queries, up again.
void OperationList::latent_projections(Builder& add, double tokens, Stage stage) const {
  const catalog::Llm& m = unit_.llm;
  const auto hidden = static_cast<double>(m.hidden);
  const auto latents = static_cast<double>(m.q_lora + m.kv_lora + m.rope_dim);
  add("input norm", stage, Kind::kOther, Streaming{bytes(tokens * hidden, 4 * kBf16 + kFp8)});
  add("q_a + kv_a", stage, Kind::kGemm, DenseGemm{tokens, m.q_lora + m.kv_lora + m.rope_dim, m.hidden});
  add("latent norms", stage, Kind::kOther, Streaming{bytes(tokens * latents, 2 * kBf16)});
  add("quantise q latent", stage, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(m.q_lora), kBf16 + kFp8)});
  add("q_b", stage, Kind::kGemm, DenseGemm{tokens, m.heads * (m.nope_dim + m.rope_dim), m.q_lora});
}

void OperationList::output_projection(Builder& add, double tokens) const {
  const catalog::Llm& m = unit_.llm;
  const std::int64_t width = m.heads * (m.attention == catalog::Attention::kMla ? m.v_dim : m.head_dim);
  add("quantise heads", kAttention1, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(width), kBf16 + kFp8)});
  add("o_proj", kAttention1, Kind::kGemm, DenseGemm{tokens, m.hidden, width});
}

void OperationList::router(Builder& add, double tokens) const {
  const catalog::Llm& m = unit_.llm;
  const auto hidden = static_cast<double>(m.hidden);
  add("post-attention norm", kAttention1, Kind::kOther, Streaming{bytes(tokens * hidden, 4 * kBf16 + kFp8)});
  add("gate", kAttention1, Kind::kGemm, Bf16Gemm{tokens, m.routed_experts, m.hidden});
  add("top-k", kAttention1, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(m.routed_experts), kFp32)});
}

void OperationList::decode_attention(Builder& add, const DecodeBatch& b) const {
  const catalog::Llm& m = unit_.llm;
  const auto heads = static_cast<double>(m.heads);
  if (m.attention == catalog::Attention::kGqa) {
    const double kv_bytes = (m.kv_per_token() * Tokens(1.0)).value() / static_cast<double>(m.layers);
    const auto hidden = static_cast<double>(m.hidden);
    add("input norm", kAttention0, Kind::kOther, Streaming{bytes(b.tokens * hidden, 4 * kBf16 + kFp8)});
    add("qkv", kAttention0, Kind::kGemm,
        DenseGemm{b.tokens, (m.heads + 2 * m.kv_heads) * m.head_dim, m.hidden});
    add("rotary", kAttention0, Kind::kOther,
        Streaming{bytes(b.tokens * heads * static_cast<double>(m.head_dim), 2 * kBf16)});
    // Bound by reading the cache: each token's keys and values once per request and step.
    add("attention core", kAttention1, Kind::kAttention,
        Streaming{Bytes(b.requests * b.kv_tokens * kv_bytes)});
    return output_projection(add, b.tokens);
  }
  latent_projections(add, b.tokens, kAttention0);
  add("absorb W_UK", kAttention0, Kind::kGemm, BatchedGemm{m.heads, b.tokens, m.kv_lora, m.nope_dim});
  add("rotary and cache write", kAttention0, Kind::kOther,
      Streaming{bytes(b.tokens * heads * static_cast<double>(m.rope_dim), 2 * kBf16)});
  add("attention core", kAttention1, Kind::kAttention,
      kernels::MlaDecode{b.requests, b.requests > 0 ? b.tokens / b.requests : 1.0, b.kv_tokens, m.heads,
                         m.kv_lora + m.rope_dim, m.kv_lora});
  add("absorb W_UV", kAttention1, Kind::kGemm, BatchedGemm{m.heads, b.tokens, m.v_dim, m.kv_lora});
  output_projection(add, b.tokens);
}

void OperationList::prefill_attention(Builder& add, const PrefillBatch& b) const {
  const catalog::Llm& m = unit_.llm;
  const auto heads = static_cast<double>(m.heads);
  if (m.attention == catalog::Attention::kGqa) {
    add("input norm", kAttention0, Kind::kOther,
        Streaming{bytes(b.tokens * static_cast<double>(m.hidden), 4 * kBf16 + kFp8)});
    add("qkv", kAttention1, Kind::kGemm,
        DenseGemm{b.tokens, (m.heads + 2 * m.kv_heads) * m.head_dim, m.hidden});
    add("rotary", kAttention1, Kind::kOther,
        Streaming{bytes(b.tokens * heads * static_cast<double>(m.head_dim), 2 * kBf16)});
    add("attention core", kAttention1, Kind::kAttention,
        kernels::PrefillAttention{b.pairs, b.tokens, m.heads, m.head_dim, m.head_dim});
    return output_projection(add, b.tokens);
  }
  latent_projections(add, b.tokens, kAttention1);
  add("quantise kv latent", kAttention1, Kind::kOther,
      Streaming{bytes(b.context_tokens * static_cast<double>(m.kv_lora), kBf16 + kFp8)});
  add("kv_b", kAttention1, Kind::kGemm,
      DenseGemm{b.context_tokens, m.heads * (m.nope_dim + m.v_dim), m.kv_lora});
  add("rotary", kAttention1, Kind::kOther,
      Streaming{bytes(b.tokens * heads * static_cast<double>(m.rope_dim), 2 * kBf16)});
  // Keys of every head: the part without position copied beside the shared rotary part.
  add("assemble keys", kAttention1, Kind::kOther,
      Streaming{bytes(b.context_tokens * heads * static_cast<double>(2 * m.nope_dim + m.rope_dim), kBf16)});
  add("attention core", kAttention1, Kind::kAttention,
      kernels::PrefillAttention{b.pairs, b.tokens, m.heads, m.nope_dim + m.rope_dim, m.v_dim});
  output_projection(add, b.tokens);
}

void OperationList::feed_forward(Builder& add, double tokens, std::int64_t width, Stage stage,
                                 Kind kind) const {
  add("gate_up", stage, kind, DenseGemm{tokens, 2 * width, unit_.llm.hidden});
  add("SwiGLU + quantise", stage, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(width), 2 * kBf16 + kFp8)});
  add("down", stage, kind, DenseGemm{tokens, unit_.llm.hidden, width});
}

void OperationList::experts(Builder& add, double rows, double received, bool masked) const {
  const catalog::Llm& m = unit_.llm;
  const auto hidden = static_cast<double>(m.hidden), width = static_cast<double>(m.expert_width);
  const std::int64_t slots = unit_.slots();
  if (!masked)
    add("permute to experts", kMlp, Kind::kOther, Streaming{bytes((received + rows) * hidden, kFp8)});
  add("experts gate_up", kMlp, Kind::kExperts,
      GroupedGemm{slots, rows, 2 * m.expert_width, m.hidden, masked});
  add("experts SwiGLU + quantise", kMlp, Kind::kOther, Streaming{bytes(rows * width, 2 * kBf16 + kFp8)});
  add("experts down", kMlp, Kind::kExperts, GroupedGemm{slots, rows, m.hidden, m.expert_width, masked});
  if (!masked) add("un-permute", kMlp, Kind::kOther, Streaming{bytes((received + rows) * hidden, kBf16)});
}

std::vector<Operation> OperationList::expert_stage(double rows, double received) const {
  Builder add(kernels_, lane_, gap_);
  experts(add, rows, received, unit_.phase == Phase::kDecode);
  return std::move(add.list);
}

std::vector<Operation> OperationList::moe_layer(const DecodeBatch& batch) const {
  Builder add(kernels_, lane_, gap_);
  decode_attention(add, batch);
  router(add, batch.tokens);
  if (unit_.llm.shared_experts > 0)
    feed_forward(add, batch.tokens, unit_.llm.shared_experts * unit_.llm.expert_width, kShared, Kind::kGemm);
  experts(add, batch.expert_rows, 0.0, true);
  return std::move(add.list);
}

std::vector<Operation> OperationList::moe_layer(const PrefillBatch& batch) const {
  Builder add(kernels_, lane_, gap_);
  prefill_attention(add, batch);
  router(add, batch.tokens);
  if (unit_.llm.shared_experts > 0)
    feed_forward(add, batch.tokens, unit_.llm.shared_experts * unit_.llm.expert_width, kShared, Kind::kGemm);
  experts(add, batch.expert_rows, batch.received_tokens, false);
  return std::move(add.list);
}

std::vector<Operation> OperationList::dense_layer(const DecodeBatch& batch) const {
  Builder add(kernels_, lane_, gap_);
  decode_attention(add, batch);
  feed_forward(add, batch.tokens, unit_.llm.dense_width, kMlp, Kind::kGemm);
  return std::move(add.list);
}

std::vector<Operation> OperationList::dense_layer(const PrefillBatch& batch) const {
  Builder add(kernels_, lane_, gap_);
  prefill_attention(add, batch);
  feed_forward(add, batch.tokens, unit_.llm.dense_width, kMlp, Kind::kGemm);
  return std::move(add.list);
}

std::vector<Operation> OperationList::head(double tokens, double rows) const {
  Builder add(kernels_, {unit_.node.gpu.sms, false}, gap_);
  const auto hidden = static_cast<double>(unit_.llm.hidden),
             words = static_cast<double>(unit_.llm.vocabulary);
  add("embedding", kAttention0, Kind::kOther, Streaming{bytes(tokens * hidden, 2 * kBf16)});
  add("final norm", kMlp, Kind::kOther, Streaming{bytes(rows * hidden, 2 * kBf16)});
  add("head", kMlp, Kind::kGemm, Bf16Gemm{rows, unit_.llm.vocabulary, unit_.llm.hidden});
  // Softmax and top-p read the logits twice.
  add("sample", kMlp, Kind::kOther, Streaming{bytes(rows * words, 2 * kFp32)});
  return std::move(add.list);
}

std::vector<Operation> OperationList::draft_projection(double tokens) const {
  Builder add(kernels_, {unit_.node.gpu.sms, false}, gap_);
  const auto hidden = static_cast<double>(unit_.llm.hidden);
  add("draft norms", kAttention0, Kind::kOther, Streaming{bytes(2 * tokens * hidden, 2 * kBf16)});
  add("draft projection", kAttention0, Kind::kGemm,
      DenseGemm{tokens, unit_.llm.hidden, 2 * unit_.llm.hidden});
  return std::move(add.list);
}

StageTimes sum_by_stage(const std::vector<Operation>& operations) {
  StageTimes times{};
  for (const Operation& o : operations) at(times, o.stage) += o.time();
  return times;
}

Seconds total(const std::vector<Operation>& operations) {
  Seconds sum;
  for (const Operation& o : operations) sum += o.time();
  return sum;
}

}  // namespace tideline::step
