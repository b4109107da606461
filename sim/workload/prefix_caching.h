// How a workload comes to its prefix hits: "prefix_cache" of a scenario.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/base/policy.h"
#include "sim/base/time.h"
#include "sim/config/node.h"

namespace tideline::workload {

enum class HitModel { kDrawn, kNone, kLru };

inline constexpr std::array kHitModels = {
    Policy<HitModel>{"drawn", "hits come with the request: drawn by its class, or written in the trace",
                     HitModel::kDrawn},
    Policy<HitModel>{"none", "no prefix cache: every prompt is computed whole", HitModel::kNone},
    Policy<HitModel>{"lru",
                     "prompts are looked up, block by block, in a cache that drops what was used longest ago",
                     HitModel::kLru},
};

struct PrefixCaching {
  HitModel kind = HitModel::kDrawn;
  // Of kLru only:
  double capacity_tokens = 0.0;       // times the model's bytes of KV a token: the storage; 0: unlimited
  double memory_tokens = 0.0;         // of these the last used, which are in memory as well; 0: none
  std::optional<Duration> retention;  // blocks unused for longer are gone
  std::int64_t block_tokens = 64;
  bool outputs = false;  // answers are held too, where their tokens stand in the next prompt as generated

  [[nodiscard]] bool has_memory() const { return memory_tokens > 0.0; }
  [[nodiscard]] std::uint64_t capacity_blocks() const;
  [[nodiscard]] std::uint64_t memory_blocks() const;
};

// The blocks that prompts consist of: cut here, as long as is wanted, or with the hashes that a trace gives
// them, and then of the trace's length.
struct PromptBlocks {
  enum class From { kNone, kCutHere, kTrace } from = From::kNone;
  std::int64_t tokens = 64;  // what "block_tokens" is unless it is said
};

// {"kind": "drawn"} | {"kind": "none"} | {"kind": "lru", "capacity": "10 Gtok", "memory": "1 Gtok",
// "retention": "4 h", "block_tokens": 64, "outputs": false}; all but "kind" may be left out. Prompts
// without blocks are not looked up.
PrefixCaching read_prefix_caching(const config::Node& workload, const PromptBlocks& blocks);

}  // namespace tideline::workload
