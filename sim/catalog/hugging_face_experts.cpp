// How a config.json shapes the feed-forward: which layers are dense, which hold experts, how many and how
// wide.
#include <fmt/format.h>

#include "sim/catalog/hugging_face.h"

namespace tideline::catalog {
namespace {

using config::Node;

constexpr std::int64_t kExpertsMax =
    8192;  // of a layer; assumed: twenty times those of any that is published

// Refuses every value of `key` but one: another would mean a shape this reader does not know.
void only(const Node& root, std::string_view key, std::int64_t value) {
  const std::int64_t found = root.positive(key);
  if (found != value)
    root.problem(key, fmt::format("wants {}, found {}: other layouts of layers are not read", value, found));
}

void read_deepseek_moe(const Node& root, Llm& m) {
  m.dense_layers = root.count("first_k_dense_replace");
  m.shared_experts = root.count("n_shared_experts");
  m.expert_groups = root.positive("n_group");
  m.groups_per_token = root.positive("topk_group");
  m.mtp_layers = root.count("num_nextn_predict_layers");
  only(root, "moe_layer_freq", 1);
  if (m.groups_per_token > m.expert_groups)
    root.problem("topk_group", fmt::format("{} of {} groups", m.groups_per_token, m.expert_groups));
  if (m.routed_experts > 1 && m.routed_experts % m.expert_groups != 0)
    root.problem("n_group",
                 fmt::format("{} experts cannot stand in {} even groups", m.routed_experts, m.expert_groups));
}

// mlp_only_layers lists the dense layers by index; only a run at the start is known here.
std::int64_t read_mlp_only(const Node& root) {
  const std::vector<double> layers = root.numbers("mlp_only_layers");
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (layers[i] != static_cast<double>(i)) {
      root.problem("mlp_only_layers", "wants the first layers in order: dense layers elsewhere are not read");
      break;
    }
  return static_cast<std::int64_t>(layers.size());
}

}  // namespace

void read_feed_forward(const Node& root, const Family& family, Llm& m) {
  if (!family.dense_width.empty()) m.dense_width = root.positive(family.dense_width);
  if (family.experts.empty()) {
    m.dense_layers = m.layers;
    return;
  }
  m.routed_experts = root.positive(family.experts);
  if (m.routed_experts > kExpertsMax) {
    root.problem(family.experts,
                 fmt::format("{} experts of a layer; at most {}", m.routed_experts, kExpertsMax));
    m.routed_experts = 1;
  }
  m.expert_width = root.positive(family.expert_width);
  m.experts_per_token = root.positive("num_experts_per_tok");
  if (m.routed_experts > 1 && m.experts_per_token > m.routed_experts)  // 1: could not be read
    root.problem("num_experts_per_tok",
                 fmt::format("{} of {} experts", m.experts_per_token, m.routed_experts));
  if (root.has("experts_per_token")) only(root, "experts_per_token", m.experts_per_token);
  if (family.attention == Attention::kMla) read_deepseek_moe(root, m);
  if (family.type == "qwen3_moe") {
    only(root, "decoder_sparse_step", 1);
    m.dense_layers = read_mlp_only(root);
  }
  if (m.dense_layers > m.layers)
    root.problem("first_k_dense_replace", fmt::format("{} dense layers of {}", m.dense_layers, m.layers));
}

}  // namespace tideline::catalog
