#include "sim/step/unit_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <type_traits>
#include <vector>

#include "sim/base/digest.h"

namespace tideline::step {
namespace {

class Content {
 public:
  template <class... Fields>
  void add(std::string_view what, const Fields&... fields) {
    text += what;
    (field(fields), ...);
    text += '\n';
  }
  std::string text;

 private:
  template <class T>
  void field(const T& x) {
    text += ' ';
    if constexpr (std::is_enum_v<T>)
      text += fmt::format("{}", static_cast<int>(x));
    else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
      text += fmt::format("{}", x);
    else
      text += fmt::format("{}", x.value());
  }
};

void add(Content& c, const catalog::Llm& m) {
  const auto& [name, layers, dense_layers, hidden, vocabulary, mtp_layers, attention, heads, kv_heads,
               head_dim, q_lora, kv_lora, nope_dim, rope_dim, v_dim, routed_experts, experts_per_token,
               expert_groups, groups_per_token, shared_experts, expert_width, dense_width, weight_bytes,
               resident_weight_bytes, context_max, tied_embedding, index_heads, index_dim, index_topk,
               sliding_layers, sliding_window, source, as_of] = m;
  c.add("model", layers, dense_layers, hidden, vocabulary, mtp_layers, attention, heads, kv_heads, head_dim,
        q_lora, kv_lora, nope_dim, rope_dim, v_dim, routed_experts, experts_per_token, expert_groups,
        groups_per_token, shared_experts, expert_width, dense_width, weight_bytes, resident_weight_bytes,
        context_max, tied_embedding, index_heads, index_dim, index_topk, sliding_layers, sliding_window);
}

void add(Content& c, const catalog::NodeType& n) {
  const auto& [name, gpu, gpus, nvlink, nic, pcie, nvlink_latency, storage, source, as_of, assumed] = n;
  const auto& [gpu_name, architecture, sms, memory, bandwidth, fp8_peak, bf16_peak, sustained, gpu_source,
               gpu_as_of, gpu_assumed] = gpu;
  c.add("node", name, gpus, nvlink, nic, pcie, nvlink_latency, gpu_name, architecture, sms, memory, bandwidth,
        fp8_peak, bf16_peak, sustained);
}

void add(Content& c, const catalog::Fabric& f) {
  const auto& [name, same_leaf, cross_leaf, oversubscription, nodes_per_leaf, source, as_of, assumed] = f;
  c.add("fabric", same_leaf, cross_leaf, oversubscription, nodes_per_leaf);
}

void add(Content& c, const Schedule& s) {
  const auto& [name, sentence, micro_batches, layer] = s;
  c.add("schedule", micro_batches);
  for (const auto& [stream, micro_batch, stage, layers_back] : layer)
    c.add("", stream, micro_batch, stage, layers_back);
}

void add(Content& c, const moe::ExpertLoad& e) {
  const auto& [busiest_over_mean, kind, balancer, skew, counts] = e;
  const auto& [expert_sigma, group_sigma, drift] = skew;
  Digest digest;
  for (const auto& layer : counts)
    for (const double count : layer) digest.add(count);
  c.add("experts", busiest_over_mean, kind, balancer, expert_sigma, group_sigma, drift, digest.value());
}

// The fitted files, by name: kernels of one GPU may stand on those of another.
void add_fitted(Content& c) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(catalog::models_folder() + "/../calib/fitted"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    Digest digest;
    digest.add(std::string_view(bytes));
    c.add("fitted", file.filename().string(), bytes.size(), digest.value());
  }
}

}  // namespace

std::string fields_of(const Unit& unit) {
  const auto& [phase, llm, node, nodes, redundant_experts, schedule, launch, communication_sms, draft_tokens,
               experts, fabric, nic_shares, exchange, all_to_all, nvlink_in_node, host_gap] = unit;
  Content c;
  c.add("unit", phase, nodes, redundant_experts, launch, communication_sms, draft_tokens, exchange,
        all_to_all, nvlink_in_node, host_gap);
  add(c, llm);
  add(c, node);
  add(c, schedule);
  add(c, experts);
  add(c, fabric);
  for (const double share : nic_shares) c.add("nic", share);
  return c.text;
}

std::string content_of(const Unit& unit) {
  Content fitted;
  add_fitted(fitted);
  return fields_of(unit) + fitted.text;
}

}  // namespace tideline::step
