// How a config.json shapes attention: MLA, or grouped queries with or without sliding windows.
#include <fmt/format.h>

#include "sim/catalog/hugging_face.h"

namespace tideline::catalog {
namespace {

using config::Node;

void read_mla(const Node& root, Llm& m) {
  m.q_lora = root.positive("q_lora_rank");
  m.kv_lora = root.positive("kv_lora_rank");
  m.nope_dim = root.positive("qk_nope_head_dim");
  m.rope_dim = root.positive("qk_rope_head_dim");
  m.v_dim = root.positive("v_head_dim");
  root.ignore("num_key_value_heads");  // every head has its keys, in the latent
  if (!root.has("index_topk")) return;
  m.index_topk = root.positive("index_topk");
  m.index_heads = root.positive("index_n_heads");
  m.index_dim = root.positive("index_head_dim");
}

void read_gqa(const Node& root, Llm& m) {
  m.kv_heads = root.positive("num_key_value_heads");
  if (m.kv_heads > 0 && m.heads % m.kv_heads != 0)
    root.problem("num_key_value_heads",
                 fmt::format("{} heads cannot share {} KV heads evenly", m.heads, m.kv_heads));
  if (root.has("head_dim"))
    m.head_dim = root.positive("head_dim");
  else if (m.heads > 0)
    m.head_dim = m.hidden / m.heads;
}

std::int64_t count_sliding(const Node& root, const Llm& m) {
  const std::vector<Node> types = root.list("layer_types");
  if (static_cast<std::int64_t>(types.size()) != m.layers)
    root.problem("layer_types",
                 fmt::format("wants one type for each of {} layers, found {}", m.layers, types.size()));
  std::int64_t sliding = 0;
  for (const Node& type : types) {
    const std::string text = type.as_text();
    if (text == "sliding_attention")
      ++sliding;
    else if (!text.empty() && text != "full_attention")
      type.problem("", fmt::format("unknown type \"{}\": wants full_attention or sliding_attention", text));
  }
  return sliding;
}

void read_sliding(const Node& root, std::string_view type, Llm& m) {
  root.ignore("max_window_layers");
  const bool given = root.given("sliding_window");
  if (root.has("use_sliding_window") && root.flag("use_sliding_window"))
    root.problem("use_sliding_window", "wants false: windows by \"max_window_layers\" are not read");
  else if (root.has("layer_types") || type == "gpt_oss")
    m.sliding_layers = count_sliding(root, m);
  else if (given && !root.has("use_sliding_window"))
    m.sliding_layers = m.layers;
  if (m.sliding_layers > 0)
    m.sliding_window = root.positive("sliding_window");
  else
    root.ignore("sliding_window");
}

}  // namespace

void read_attention(const Node& root, const Family& family, Llm& m) {
  m.attention = family.attention;
  m.heads = root.positive("num_attention_heads");
  if (family.attention == Attention::kMla) return read_mla(root, m);
  read_gqa(root, m);
  read_sliding(root, family.type, m);
}

}  // namespace tideline::catalog
