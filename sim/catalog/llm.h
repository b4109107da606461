// The shape of a large language model, as its Hugging Face config.json gives it, and what follows from shape
// alone: weights and KV bytes. Source of every rule: the model families' published configuration classes.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/units.h"
#include "sim/config/node.h"

namespace tideline::catalog {

enum class Attention { kMla, kGqa };

struct Llm {
  std::string name;
  std::int64_t layers = 0;        // transformer layers, dense and MoE together
  std::int64_t dense_layers = 0;  // of these, how many have a dense feed-forward (DeepSeek: the first 3)
  std::int64_t hidden = 0;
  std::int64_t vocabulary = 0;
  std::int64_t mtp_layers = 0;    // multi-token prediction modules, outside `layers`

  Attention attention = Attention::kGqa;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;      // GQA
  std::int64_t head_dim = 0;      // GQA
  std::int64_t q_lora = 0, kv_lora = 0;             // MLA ranks
  std::int64_t nope_dim = 0, rope_dim = 0, v_dim = 0;  // MLA per head

  std::int64_t routed_experts = 0, experts_per_token = 0;  // 0: no MoE layer
  std::int64_t expert_groups = 1, groups_per_token = 1;
  std::int64_t shared_experts = 0;
  std::int64_t expert_width = 0;  // feed-forward width of one expert
  std::int64_t dense_width = 0;   // feed-forward width of a dense layer
  double weight_bytes = 2.0;      // bytes a linear-layer weight is stored in: 1 for FP8, 2 for BF16, ~0.53 MXFP4
  std::int64_t context_max = 0;

  [[nodiscard]] std::int64_t moe_layers() const { return routed_experts > 0 ? layers - dense_layers : 0; }
  // KV cache of one token over all layers (MLA: latent + rope key in BF16). DeepSeek-V3: 70,272 B.
  [[nodiscard]] BytesPerToken kv_per_token() const;
  // Weights of one routed expert in one layer; of everything but routed experts (what each data-parallel GPU
  // holds in full: attention, shared experts, dense layers, gates, embedding and head in BF16, MTP module).
  [[nodiscard]] Bytes expert_weights() const;
  [[nodiscard]] Bytes resident_weights() const;
};

// Reads a Hugging Face config.json as published. Keys differ between families; one that this reader does not
// know but that shapes the model (a count of experts, a rank) is refused, never read as zero.
Llm read_hugging_face(const config::Node& root, const std::string& name);

// By catalog name ("deepseek-v3"), or by the path of a config.json.
Llm load_llm(const std::string& name_or_path);

}  // namespace tideline::catalog
