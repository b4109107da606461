#include "sim/catalog/hugging_face.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/catalog/harmless_keys.h"

namespace tideline::catalog {
namespace {

constexpr std::int64_t kLayersMax = 1024;  // assumed: eight times those of any that is published

using config::Node;

// Source: the configuration classes of the `transformers` library (configuration_<type>.py) and, for Kimi K2,
// the one that it ships.
constexpr Family kFamilies[] = {
    {"deepseek_v3", "n_routed_experts", "moe_intermediate_size", "intermediate_size", Attention::kMla},
    {"deepseek_v32", "n_routed_experts", "moe_intermediate_size", "intermediate_size", Attention::kMla},
    {"kimi_k2", "n_routed_experts", "moe_intermediate_size", "intermediate_size", Attention::kMla},
    {"qwen3_moe", "num_experts", "moe_intermediate_size", "intermediate_size"},
    {"mixtral", "num_local_experts", "intermediate_size", ""},
    {"gpt_oss", "num_local_experts", "intermediate_size", ""},
    {"llama", "", "", "intermediate_size"},
    {"qwen3", "", "", "intermediate_size"},
};

double plain_bytes(const Node& root) {
  constexpr std::string_view kTypes[] = {"bfloat16", "float16", "float32"};
  return root.choice(root.has("dtype") ? "dtype" : "torch_dtype", kTypes) == "float32" ? 4.0 : 2.0;
}

void read_storage(const Node& root, Llm& m) {
  constexpr std::string_view kMethods[] = {"fp8", "mxfp4"};
  const std::optional<Node> quantization = root.optional_object("quantization_config");
  if (!quantization) {
    m.weight_bytes = m.resident_weight_bytes = plain_bytes(root);
    return;
  }
  root.ignore("torch_dtype");
  root.ignore("dtype");
  const bool fp8 = quantization->choice("quant_method", kMethods) == "fp8";
  m.weight_bytes = fp8 ? 1.0 : (32 * 4 + 8) / (32.0 * 8.0);
  m.resident_weight_bytes = m.weight_bytes;
  if (quantization->given("modules_to_not_convert"))
    for (const Node& module : quantization->list("modules_to_not_convert"))
      if (module.as_text().find("self_attn") != std::string::npos) m.resident_weight_bytes = 2.0;
  quantization->ignore_rest();
}

}  // namespace

Llm read_hugging_face(const Node& root, const std::string& name) {
  std::vector<std::string_view> types;
  for (const Family& family : kFamilies) types.push_back(family.type);
  const std::string type = root.choice("model_type", types);
  const Family& family = *std::ranges::find(kFamilies, type, &Family::type);
  Llm m;
  m.name = name;
  m.layers = root.positive("num_hidden_layers");
  if (m.layers > kLayersMax) {
    root.problem("num_hidden_layers", fmt::format("{} layers; at most {}", m.layers, kLayersMax));
    m.layers = kLayersMax;
  }
  m.hidden = root.positive("hidden_size");
  m.vocabulary = root.positive("vocab_size");
  m.context_max = root.positive("max_position_embeddings");
  m.tied_embedding = root.flag("tie_word_embeddings");
  read_attention(root, family, m);
  read_feed_forward(root, family, m);
  read_storage(root, m);
  for (const std::string& key : root.keys())
    if (is_harmless_key(key)) root.ignore(key);
  root.explain_unknown("it may shape the model, and nothing is known of it",
                       "if it changes neither weights nor KV cache, add it to sim/catalog/harmless_keys.cpp");
  return m;
}

}  // namespace tideline::catalog
