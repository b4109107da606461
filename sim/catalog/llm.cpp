// What follows from the shape of a model: counts of weights, and bytes.
#include "sim/catalog/llm.h"

namespace tideline::catalog {
namespace {

constexpr double kBf16 = 2.0;
// The indexer of DeepSeek-V3.2 keeps its keys in FP8 with one FP32 scale each.
// Source: deepseek-ai/DeepSeek-V3.2-Exp, inference/model.py, class Indexer.
constexpr double kIndexScale = 4.0;

double product(std::int64_t a, std::int64_t b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

// Matrices of one attention block.
double attention_count(const Llm& m) {
  if (m.attention == Attention::kGqa)
    return product(m.hidden, m.head_dim) * static_cast<double>(2 * m.heads + 2 * m.kv_heads);
  const double q = product(m.hidden, m.q_lora) + product(m.q_lora, m.heads * (m.nope_dim + m.rope_dim));
  const double kv =
      product(m.hidden, m.kv_lora + m.rope_dim) + product(m.kv_lora, m.heads * (m.nope_dim + m.v_dim));
  const double index =
      product(m.q_lora, m.index_heads * m.index_dim) + product(m.hidden, m.index_dim + m.index_heads);
  return q + kv + product(m.heads * m.v_dim, m.hidden) + index;
}

// Gate, up and down of one feed-forward.
double feed_forward_count(const Llm& m, std::int64_t width) {
  return 3.0 * product(m.hidden, width);
}
double gate_count(const Llm& m) {
  return product(m.hidden, m.routed_experts);
}
double embedding_count(const Llm& m) {
  return product(m.vocabulary, m.hidden) * (m.tied_embedding ? 1.0 : 2.0);
}
double shared_count(const Llm& m) {
  return feed_forward_count(m, m.shared_experts * m.expert_width);
}

}  // namespace

BytesPerToken Llm::kv_per_token_of_layer() const {
  double per_layer = kBf16 * static_cast<double>(2 * kv_heads * head_dim);
  if (attention == Attention::kMla) per_layer = kBf16 * static_cast<double>(kv_lora + rope_dim);
  if (index_dim > 0) per_layer += static_cast<double>(index_dim) + kIndexScale;
  return BytesPerToken(per_layer);
}

BytesPerToken Llm::kv_per_token() const {
  return kv_per_token_of_layer() * static_cast<double>(layers - sliding_layers);
}

Bytes Llm::kv_window() const {
  return Bytes(kBf16 * product(2 * kv_heads * head_dim, sliding_layers * sliding_window));
}

Bytes Llm::expert_weights() const {
  return Bytes(weight_bytes * feed_forward_count(*this, expert_width));
}

Bytes Llm::resident_weights() const {
  const double moe = static_cast<double>(expert_layers());
  const double linear = attention_count(*this) * static_cast<double>(layers + mtp_layers) +
                        feed_forward_count(*this, dense_width) * static_cast<double>(dense_layers) +
                        shared_count(*this) * moe;
  // An MTP module joins two hidden states into one before its own layer; it shares embedding and head.
  const double bf16 = embedding_count(*this) + gate_count(*this) * moe +
                      2.0 * product(hidden, hidden) * static_cast<double>(mtp_layers);
  return Bytes(resident_weight_bytes * linear + kBf16 * bf16);
}

double Llm::parameters() const {
  const double experts = feed_forward_count(*this, expert_width) * static_cast<double>(routed_experts);
  return embedding_count(*this) + attention_count(*this) * static_cast<double>(layers) +
         feed_forward_count(*this, dense_width) * static_cast<double>(dense_layers) +
         (experts + shared_count(*this) + gate_count(*this)) * static_cast<double>(moe_layers());
}

}  // namespace tideline::catalog
