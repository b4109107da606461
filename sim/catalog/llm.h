// The shape of a large language model, as its Hugging Face config.json gives it, and what follows from shape
// alone: weights and KV bytes. Source of every rule: the model families' published configuration classes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
  // Bytes a linear-layer weight is stored in: 1 for FP8, 2 for BF16, 0.53 for MXFP4 (4 bits and a scale of 8
  // bits for 32 weights). Some models quantise the routed experts only: then `resident_weight_bytes` differs.
  double weight_bytes = 2.0;
  double resident_weight_bytes = 2.0;
  std::int64_t context_max = 0;
  bool tied_embedding = false;    // the head reads the embedding's weights

  std::int64_t index_heads = 0, index_dim = 0, index_topk = 0;  // DeepSeek sparse attention; 0: sees all
  std::int64_t sliding_layers = 0, sliding_window = 0;          // layers that see only the last tokens
  std::string source, as_of;

  [[nodiscard]] std::int64_t moe_layers() const { return routed_experts > 0 ? layers - dense_layers : 0; }
  // Layers that hold routed experts: those and the MTP modules' own.
  [[nodiscard]] std::int64_t expert_layers() const {
    return routed_experts > 0 ? moe_layers() + mtp_layers : 0;
  }
  // KV cache of one token over all layers that keep every token (MLA: latent + rope key in BF16; with sparse
  // attention the index key in FP8 and its scale too). DeepSeek-V3: 70,272 B.
  [[nodiscard]] BytesPerToken kv_per_token() const;
  // Of one layer; that of an MTP module keeps its own, which kv_per_token() leaves out. DeepSeek-V3: 1,152 B.
  [[nodiscard]] BytesPerToken kv_per_token_of_layer() const;
  // KV cache of the sliding layers of one long request, at most: they keep the last `sliding_window` tokens.
  [[nodiscard]] Bytes kv_window() const;
  // Weights of one routed expert in one layer; of everything but routed experts (what each data-parallel GPU
  // holds in full: attention, shared experts, dense layers, gates, embedding and head in BF16, MTP module).
  [[nodiscard]] Bytes expert_weights() const;
  [[nodiscard]] Bytes resident_weights() const;
  // All weights of the model without its MTP modules. Error: norms and biases are left out, below 0.1 %.
  [[nodiscard]] double parameters() const;
};

// Reads a Hugging Face config.json as published. Keys differ between families; one that this reader does not
// know is refused unless it stands in the list of keys known to be harmless (sim/catalog/harmless_keys.cpp),
// and one that shapes the model and is missing is refused too: nothing is ever read as zero. Problems go to
// `root`.
Llm read_hugging_face(const config::Node& root, const std::string& name);

// By catalog name ("deepseek-v3"), or by the path of a config.json.
// Fails: throws InputError naming the known models, or the mistakes of the config.
Llm load_llm(const std::string& name_or_path);
// The model that `key` of a scenario names; a path is relative to the scenario. An unknown name is a problem
// at that key.
Llm load_llm(const config::Node& at, std::string_view key);

}  // namespace tideline::catalog
