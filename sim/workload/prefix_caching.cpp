#include "sim/workload/prefix_caching.h"

#include <algorithm>

#include "sim/caching/prefix_cache.h"

namespace tideline::workload {

std::uint64_t PrefixCaching::capacity_blocks() const {
  constexpr double kMost = 1e18;  // fits
  const double blocks = capacity_tokens / static_cast<double>(block_tokens);
  return blocks > 0.0 && blocks < kMost ? static_cast<std::uint64_t>(blocks)
                                        : caching::PrefixCache::kUnlimited;
}

PrefixCaching read_prefix_caching(const config::Node& workload, bool has_chains, std::int64_t block_tokens) {
  PrefixCaching c;
  c.block_tokens = block_tokens;
  const auto node = workload.optional_object("prefix_cache");
  if (!node) return c;
  std::array<std::string_view, kHitModels.size()> names{};
  std::ranges::transform(kHitModels, names.begin(), [](const auto& m) { return m.name; });
  c.kind = std::ranges::find(kHitModels, node->choice("kind", names), &HitModelPolicy::name)->kind;
  if (c.kind != HitModel::kLru) {  // what describes a cache may stand there, so that it can be switched off
    for (const std::string_view key : {"capacity", "retention", "block_tokens", "outputs"}) node->ignore(key);
    return c;
  }
  if (!has_chains)
    node->problem("kind",
                  "these requests do not say what their prompts consist of, so nothing can be looked up",
                  "\"sessions\" and traces with block hashes do; or take \"drawn\"");
  c.block_tokens = node->positive("block_tokens", block_tokens);
  if (node->has("capacity")) {
    c.capacity_tokens = node->quantity<Tokens>("capacity").value();
    if (c.capacity_tokens < static_cast<double>(c.block_tokens))
      node->problem("capacity", "not one block of " + std::to_string(c.block_tokens) + " tokens");
  }
  if (node->has("retention")) c.retention = to_duration(node->quantity<Seconds>("retention"));
  c.outputs = node->flag("outputs", false);
  return c;
}

}  // namespace tideline::workload
