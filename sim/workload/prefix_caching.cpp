#include "sim/workload/prefix_caching.h"

#include <fmt/format.h>

#include "sim/caching/prefix_cache.h"
#include "sim/config/choose.h"

namespace tideline::workload {

namespace {

std::uint64_t blocks_of(double tokens, std::int64_t block_tokens) {
  constexpr double kMost = 1e18;  // fits
  const double blocks = tokens / static_cast<double>(block_tokens);
  return blocks > 0.0 && blocks < kMost ? static_cast<std::uint64_t>(blocks)
                                        : caching::PrefixCache::kUnlimited;
}

// At least one block, where it is said.
double read_capacity(const config::Node& cache, std::string_view key, std::int64_t block_tokens) {
  if (!cache.has(key)) return 0.0;
  const double tokens = cache.quantity<Tokens>(key).value();
  if (tokens < static_cast<double>(block_tokens))
    cache.problem(key, "not one block of " + std::to_string(block_tokens) + " tokens");
  return tokens;
}

// The blocks of a trace are as long as they are: another length would count hits that are none, or miss them.
std::int64_t read_block_tokens(const config::Node& cache, const PromptBlocks& blocks) {
  const std::int64_t tokens = cache.positive("block_tokens", blocks.tokens);
  if (blocks.from == PromptBlocks::From::kTrace && tokens != blocks.tokens)
    cache.problem("block_tokens",
                  fmt::format("the hashes of this trace are of blocks of {} tokens", blocks.tokens),
                  "leave it out: \"trace.block_tokens\" says how long the blocks of a trace are");
  return blocks.from == PromptBlocks::From::kTrace ? blocks.tokens : tokens;
}

}  // namespace

std::uint64_t PrefixCaching::capacity_blocks() const {
  return blocks_of(capacity_tokens, block_tokens);
}

std::uint64_t PrefixCaching::memory_blocks() const {
  return blocks_of(memory_tokens, block_tokens);
}

PrefixCaching read_prefix_caching(const config::Node& workload, const PromptBlocks& blocks) {
  PrefixCaching c;
  c.block_tokens = blocks.tokens;
  const auto node = workload.optional_object("prefix_cache");
  if (!node) return c;
  c.kind = config::choose(*node, "kind", kHitModels);
  if (c.kind != HitModel::kLru) {  // what describes a cache may stand there, so that it can be switched off
    for (const std::string_view key : {"capacity", "memory", "retention", "block_tokens", "outputs"})
      node->ignore(key);
    return c;
  }
  if (blocks.from == PromptBlocks::From::kNone)
    node->problem("kind",
                  "these requests do not say what their prompts consist of, so nothing can be looked up",
                  "\"sessions\" and traces with block hashes do; or take \"drawn\"");
  c.block_tokens = read_block_tokens(*node, blocks);
  c.capacity_tokens = read_capacity(*node, "capacity", c.block_tokens);
  c.memory_tokens = read_capacity(*node, "memory", c.block_tokens);
  if (c.capacity_tokens > 0.0 && c.memory_tokens > c.capacity_tokens)
    node->problem("memory", "more than \"capacity\": what memory holds, storage holds too");
  if (node->has("retention")) c.retention = node->duration("retention");
  c.outputs = node->flag("outputs", false);
  return c;
}

}  // namespace tideline::workload
