#include "sim/step/operations.h"

#include <utility>

namespace tideline::step {

using kernels::BatchedGemm;
using kernels::Bf16Gemm;
using kernels::DenseGemm;
using kernels::GqaDecode;
using kernels::GroupedGemm;
using kernels::MlaDecode;
using kernels::PrefillAttention;
using kernels::Streaming;
using enum Stage;

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
    case Kind::kExchange:
      return "exchange";
  }
  return "";
}

namespace {

constexpr double kBf16 = 2.0, kFp32 = 4.0;
// FP8 values with one FP32 scale per 128.
constexpr double kFp8 = 1.0 + 4.0 / 128.0;

Bytes bytes(double values, double per_value) {
  return Bytes(values * per_value);
}

// The list as it grows. An operation waits for the one before it unless told what for.
class Layer {
 public:
  explicit Layer(const Unit& u) : unit(u), m(u.llm) {}

  int add(std::string_view name, Stage stage, Kind kind, const Shape& shape) {
    return add(name, stage, kind, shape, {last(), kNothing});
  }
  int add(std::string_view name, Stage stage, Kind kind, const Shape& shape, std::array<int, 2> after) {
    list.push_back(
        {.name = name, .stage = stage, .kind = kind, .shape = shape, .after = after, .cost = {}, .gap = {}});
    return last();
  }
  [[nodiscard]] int last() const { return static_cast<int>(list.size()) - 1; }

  // A product in the precision of the model's weights. In BF16 it has twice the arithmetic, at FP8's peak,
  // and twice the bytes of both factors, as an FP8 one twice as deep: assumed to reach the same share of the
  // peak.
  [[nodiscard]] DenseGemm linear(double tokens, std::int64_t n, std::int64_t k) const {
    return {tokens, n, in_bf16(m.resident_weight_bytes) ? 2 * k : k};
  }
  void attention(const DecodeBatch& batch);
  void attention(const PrefillBatch& batch);
  int router(double tokens);
  void feed_forward(double tokens, std::int64_t width, Stage stage, int after);
  void experts(double rows, double received, bool masked);
  template <class Batch>
  void moe(const Batch& batch, double received, bool masked);

  const Unit& unit;
  const catalog::Llm& m;
  std::vector<Operation> list;

 private:
  static constexpr int kNothing = -1;
  static bool in_bf16(double weight_bytes) { return weight_bytes >= kBf16; }
  void quantise(std::string_view name, Stage stage, double values);
  int latents(double tokens, Stage stage);
  void output_projection(double tokens);
  void grouped_query_inputs(double tokens, Stage stage);
};

// Norm (fused with the residual and with quantisation), then down to the latents and, for queries, up again.
// Returns the place of the latents, for what needs those of keys and values.
int Layer::latents(double tokens, Stage stage) {
  const auto hidden = static_cast<double>(m.hidden);
  const auto width = static_cast<double>(m.q_lora + m.kv_lora + m.rope_dim);
  add("input norm", stage, Kind::kOther, Streaming{bytes(tokens * hidden, 4 * kBf16 + kFp8)});
  add("q_a + kv_a", stage, Kind::kGemm, linear(tokens, m.q_lora + m.kv_lora + m.rope_dim, m.hidden));
  const int norms = add("latent norms", stage, Kind::kOther, Streaming{bytes(tokens * width, 2 * kBf16)});
  quantise("quantise q latent", stage, tokens * static_cast<double>(m.q_lora));
  add("q_b", stage, Kind::kGemm, linear(tokens, m.heads * (m.nope_dim + m.rope_dim), m.q_lora));
  return norms;
}

void Layer::quantise(std::string_view name, Stage stage, double values) {
  if (!in_bf16(m.resident_weight_bytes))
    add(name, stage, Kind::kOther, Streaming{bytes(values, kBf16 + kFp8)});
}

void Layer::output_projection(double tokens) {
  const std::int64_t width = m.heads * (m.attention == catalog::Attention::kMla ? m.v_dim : m.head_dim);
  quantise("quantise heads", kAttention1, tokens * static_cast<double>(width));
  add("o_proj", kAttention1, Kind::kGemm, linear(tokens, m.hidden, width));
}

// Returns the place of the norm, whose result the experts and the shared expert take.
int Layer::router(double tokens) {
  const auto hidden = static_cast<double>(m.hidden);
  const int norm = add("post-attention norm", kAttention1, Kind::kOther,
                       Streaming{bytes(tokens * hidden, 4 * kBf16 + kFp8)});
  add("gate", kAttention1, Kind::kGemm, Bf16Gemm{tokens, m.routed_experts, m.hidden});
  add("top-k", kAttention1, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(m.routed_experts), kFp32)});
  return norm;
}

void Layer::grouped_query_inputs(double tokens, Stage stage) {
  add("input norm", stage, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(m.hidden), 4 * kBf16 + kFp8)});
  add("qkv", stage, Kind::kGemm, linear(tokens, (m.heads + 2 * m.kv_heads) * m.head_dim, m.hidden));
  add("rotary", stage, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(m.heads * m.head_dim), 2 * kBf16)});
}

void Layer::attention(const DecodeBatch& b) {
  const auto heads = static_cast<double>(m.heads);
  if (m.attention == catalog::Attention::kGqa) {
    const double kv_bytes = (m.kv_per_token() * Tokens(1.0)).value() / static_cast<double>(m.layers);
    grouped_query_inputs(b.tokens, kAttention0);
    // Bound by reading the cache: each token's keys and values once per request and step.
    add("attention core", kAttention1, Kind::kAttention,
        GqaDecode{Bytes(b.requests * b.kv_tokens * kv_bytes)});
    return output_projection(b.tokens);
  }
  const int norms = latents(b.tokens, kAttention0), q_b = last();
  const int absorb =
      add("absorb W_UK", kAttention0, Kind::kGemm, BatchedGemm{m.heads, b.tokens, m.kv_lora, m.nope_dim});
  const int rotary =
      add("rotary and cache write", kAttention0, Kind::kOther,
          Streaming{bytes(b.tokens * heads * static_cast<double>(m.rope_dim), 2 * kBf16)}, {q_b, norms});
  add("attention core", kAttention1, Kind::kAttention,
      MlaDecode{b.requests, b.requests > 0 ? b.tokens / b.requests : 1.0, b.kv_tokens, m.heads,
                m.kv_lora + m.rope_dim, m.kv_lora},
      {absorb, rotary});
  add("absorb W_UV", kAttention1, Kind::kGemm, BatchedGemm{m.heads, b.tokens, m.v_dim, m.kv_lora});
  output_projection(b.tokens);
}

void Layer::attention(const PrefillBatch& b) {
  const auto heads = static_cast<double>(m.heads);
  if (m.attention == catalog::Attention::kGqa) {
    grouped_query_inputs(b.tokens, kAttention1);
    add("attention core", kAttention1, Kind::kAttention,
        PrefillAttention{b.pairs, b.tokens, m.heads, m.kv_heads, m.head_dim, m.head_dim});
    return output_projection(b.tokens);
  }
  const int norms = latents(b.tokens, kAttention1), q_b = last();
  add("quantise kv latent", kAttention1, Kind::kOther,
      Streaming{bytes(b.context_tokens * static_cast<double>(m.kv_lora), kBf16 + kFp8)}, {norms, kNothing});
  const int kv_b = add("kv_b", kAttention1, Kind::kGemm,
                       linear(b.context_tokens, m.heads * (m.nope_dim + m.v_dim), m.kv_lora));
  const int rotary =
      add("rotary", kAttention1, Kind::kOther,
          Streaming{bytes(b.tokens * heads * static_cast<double>(m.rope_dim), 2 * kBf16)}, {q_b, norms});
  // Keys of every head: the part without position copied beside the shared rotary part.
  const int keys = add(
      "assemble keys", kAttention1, Kind::kOther,
      Streaming{bytes(b.context_tokens * heads * static_cast<double>(2 * m.nope_dim + m.rope_dim), kBf16)},
      {kv_b, rotary});
  add("attention core", kAttention1, Kind::kAttention,
      PrefillAttention{b.pairs, b.tokens, m.heads, m.heads, m.nope_dim + m.rope_dim, m.v_dim},
      {keys, rotary});
  output_projection(b.tokens);
}

void Layer::feed_forward(double tokens, std::int64_t width, Stage stage, int after) {
  add("gate_up", stage, Kind::kGemm, linear(tokens, 2 * width, m.hidden), {after, kNothing});
  add("SwiGLU + quantise", stage, Kind::kOther,
      Streaming{bytes(tokens * static_cast<double>(width), 2 * kBf16 + kFp8)});
  add("down", stage, Kind::kGemm, linear(tokens, m.hidden, width));
}

void Layer::experts(double rows, double received, bool masked) {
  const auto hidden = static_cast<double>(m.hidden), width = static_cast<double>(m.expert_width);
  const std::int64_t slots = unit.slots(), depth = in_bf16(m.weight_bytes) ? 2 : 1;  // as linear()
  if (!masked)
    add("permute to experts", kMlp, Kind::kOther, Streaming{bytes((received + rows) * hidden, kFp8)});
  add("experts gate_up", kMlp, Kind::kExperts,
      GroupedGemm{slots, rows, 2 * m.expert_width, depth * m.hidden, masked});
  add("experts SwiGLU + quantise", kMlp, Kind::kOther, Streaming{bytes(rows * width, 2 * kBf16 + kFp8)});
  add("experts down", kMlp, Kind::kExperts,
      GroupedGemm{slots, rows, m.hidden, depth * m.expert_width, masked});
  if (!masked) add("un-permute", kMlp, Kind::kOther, Streaming{bytes((received + rows) * hidden, kBf16)});
}

template <class Batch>
void Layer::moe(const Batch& batch, double received, bool masked) {
  attention(batch);
  const int norm = router(batch.tokens), chosen = last();
  if (m.shared_experts > 0) feed_forward(batch.tokens, m.shared_experts * m.expert_width, kShared, norm);
  add("dispatch", kDispatch, Kind::kExchange, AllToAll{}, {chosen, norm});
  experts(batch.expert_rows, received, masked);
  add("combine", kCombine, Kind::kExchange, AllToAll{});
}

}  // namespace

std::vector<Operation> expert_stage(const Unit& unit, double rows, double received) {
  Layer layer(unit);
  layer.experts(rows, received, unit.phase == Phase::kDecode);
  return std::move(layer.list);
}

std::vector<Operation> moe_layer(const Unit& unit, const DecodeBatch& batch) {
  Layer layer(unit);
  layer.moe(batch, 0.0, true);
  return std::move(layer.list);
}

std::vector<Operation> moe_layer(const Unit& unit, const PrefillBatch& batch) {
  Layer layer(unit);
  layer.moe(batch, batch.received_tokens, false);
  return std::move(layer.list);
}

namespace {

template <class Batch>
std::vector<Operation> dense(const Unit& unit, const Batch& batch) {
  Layer layer(unit);
  layer.attention(batch);
  layer.feed_forward(batch.tokens, unit.llm.dense_width, kMlp, layer.last());
  return std::move(layer.list);
}

}  // namespace

std::vector<Operation> dense_layer(const Unit& unit, const DecodeBatch& batch) {
  return dense(unit, batch);
}
std::vector<Operation> dense_layer(const Unit& unit, const PrefillBatch& batch) {
  return dense(unit, batch);
}

std::vector<Operation> any_layer(const Unit& unit) {
  const DecodeBatch decode{.tokens = 1, .requests = 1, .kv_tokens = 1, .expert_rows = 1};
  const PrefillBatch prefill{
      .tokens = 1, .context_tokens = 1, .pairs = 1, .expert_rows = 1, .received_tokens = 1};
  const bool moe = unit.llm.moe_layers() > 0;
  if (unit.phase == Phase::kDecode) return moe ? moe_layer(unit, decode) : dense_layer(unit, decode);
  return moe ? moe_layer(unit, prefill) : dense_layer(unit, prefill);
}

std::vector<Operation> head(const Unit& unit, double tokens, double rows) {
  Layer layer(unit);
  const auto hidden = static_cast<double>(unit.llm.hidden), words = static_cast<double>(unit.llm.vocabulary);
  layer.add("embedding", kAttention0, Kind::kOther, Streaming{bytes(tokens * hidden, 2 * kBf16)});
  layer.add("final norm", kMlp, Kind::kOther, Streaming{bytes(rows * hidden, 2 * kBf16)});
  layer.add("head", kMlp, Kind::kGemm, Bf16Gemm{rows, unit.llm.vocabulary, unit.llm.hidden});
  // Softmax and top-p read the logits twice.
  layer.add("sample", kMlp, Kind::kOther, Streaming{bytes(rows * words, 2 * kFp32)});
  return std::move(layer.list);
}

std::vector<Operation> draft_projection(const Unit& unit, double tokens) {
  Layer layer(unit);
  const auto hidden = static_cast<double>(unit.llm.hidden);
  layer.add("draft norms", kAttention0, Kind::kOther, Streaming{bytes(2 * tokens * hidden, 2 * kBf16)});
  layer.add("draft projection", kAttention0, Kind::kGemm,
            layer.linear(tokens, unit.llm.hidden, 2 * unit.llm.hidden));
  return std::move(layer.list);
}

}  // namespace tideline::step
