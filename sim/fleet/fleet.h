// What a fleet is made of and how it is run through the day: the two kinds of deployment unit, how many of
// each serve at what time, and the policies between them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/config/start.h"
#include "sim/fleet/roster.h"
#include "sim/policy/admission.h"
#include "sim/policy/balancers.h"
#include "sim/policy/scaling.h"
#include "sim/policy/storage.h"
#include "sim/policy/transfer.h"
#include "sim/step/unit.h"

namespace tideline::fleet {

// Of a kind.
inline constexpr std::int64_t kUnitsMax = 4096;
// Records a problem at `key` where there are more.
void limit_units(const config::Node& node, std::string_view key, std::int64_t units);

struct PrefillSettings {
  step::Unit unit;
  // What a GPU is given in one pass: tokens, and work as of that many tokens which each attend to so many.
  // Prompts that exceed either are cut into chunks. Source: deepseek-ai/profile-data, prefill, prompts of
  // 4096 tokens.
  std::int64_t tokens_per_gpu = 16384, attended_per_token = 2048;
  policy::PrefillBalancer balancer = policy::PrefillBalancer::kLeastWork;
  // Share of GPU memory kept from weights and from caches that wait for decode. Assumed where a scenario does
  // not say: 0.2, range 0.1-0.3 (a pass of 16,384 tokens has larger activations than a decode step).
  double memory_reserve = 0.0;
  // Share of a NIC's rate that all-to-alls take. Assumed where a scenario does not say: 0.3, range 0.1-0.5
  // (5,400 tokens a GPU in 1.35 s, 58 layers, 21.5 KB to each of 2.6 other nodes: 13 of 50 GB/s).
  double exchange_share = 0.0;
  // At which a node reads the KV of cached prefixes, where its NICs let it (Fleet::storage).
  BytesPerSecond cache_read_rate;
  // The same for what is in memory. Assumed where a scenario does not say: 50 GB/s for each GPU of the node,
  // range 20-60: what a PCIe 5 link carries of its 63.
  BytesPerSecond memory_read_rate;
  // By load: units, times the used share of what their passes can take, of work or tokens (kPrefillSignals).
  policy::ScalingSettings scaling;
  Availability availability;
};

struct DecodeSettings {
  step::Unit unit;
  double draft_acceptance = 0.0;  // chance that a drafted token is accepted
  // Assumed where a scenario does not say: 0.1, range 0.05-0.2.
  double memory_reserve = 0.0;  // share of GPU memory kept from weights and KV cache
  // A power of two. Source: the page of FlashMLA, deepseek-ai/FlashMLA.
  std::int64_t kv_block_tokens = 64;
  policy::AdmissionSettings admission;
  // As in prefill. Assumed: 0.4, range 0.2-0.6 (88 requests of 2 tokens in 81 ms, 58 layers, 8 experts of
  // 21.5 KB: 22 of 50 GB/s).
  double exchange_share = 0.0;
  policy::DecodeBalancer balancer = policy::DecodeBalancer::kLeastLoaded;
  // Assumed: about one mean cache, range 0-16384; no published balancer states its own.
  double request_weight = 4096;  // cached tokens that one request weighs as, for the balancer
  // By load: requests for each GPU of a unit, or units' worth of KV blocks (kDecodeSignals).
  policy::ScalingSettings scaling;
  Availability availability;

  // Of a rank.
  [[nodiscard]] std::int64_t kv_blocks() const {
    return static_cast<std::int64_t>(unit.kv_capacity_tokens(memory_reserve)) / kv_block_tokens;
  }
};

// Units that serve from an instant on.
struct ScheduleStep {
  Instant from;
  std::int64_t prefill_units = 0, decode_units = 0;
};

struct Fleet {
  PrefillSettings prefill;
  DecodeSettings decode;
  // In time order, the first at or before the warm-up; none: to be planned.
  std::vector<ScheduleStep> schedule;
  BytesPerSecond transfer_rate;  // of KV cache over a NIC without all-to-alls
  policy::Transfer transfer = policy::Transfer::kAfter;
  // Source of the default: Zhao et al., "Insights into DeepSeek-V3", ISCA 2025, section 5.1.
  policy::Storage storage = policy::Storage::kOwnNetwork;

  // KV cache of one token, wherever it is held, moved, stored or read: with that of the layer that makes
  // drafts in decode, which attends to the prompt too, so that prefill has it and sends it (decision 40).
  [[nodiscard]] BytesPerToken kv_per_token() const { return decode.unit.kv_per_token(); }
  // Tokens of cache that the GPUs of a prefill unit hold together.
  [[nodiscard]] std::int64_t prefill_kv_tokens() const {
    const double of_gpu = prefill.unit.kv_room(prefill.memory_reserve) / kv_per_token() / Tokens(1.0);
    return prefill.unit.gpus() * static_cast<std::int64_t>(of_gpu);
  }
  // Spares stand by at all times.
  [[nodiscard]] std::int64_t prefill_nodes(const ScheduleStep& s) const {
    return s.prefill_units * prefill.unit.nodes + prefill.availability.spares;
  }
  [[nodiscard]] std::int64_t decode_nodes(const ScheduleStep& s) const {
    return s.decode_units * decode.unit.nodes + decode.availability.spares;
  }
};

// Node time that a schedule provides in [from, to), in node-nanoseconds: exact.
struct NodeTime {
  std::int64_t prefill_ns = 0, decode_ns = 0, peak_nodes = 0;
};
NodeTime node_time(const Fleet& fleet, Instant from, Instant to);

// The time that a scenario simulates. Instant 0 is the start of the window.
struct Simulated {
  config::Start start;
  Duration window, warm_up;
  // Neither start nor window was a mistake.
  [[nodiscard]] bool is_known() const { return start.known && window.ns > 0; }
};

// Reads "prefill", "decode" and "fleet" of a scenario; times of day are local. The schedule may be left out
// where it is `to_be_planned`.
Fleet read_fleet(const config::Node& scenario, const catalog::Llm& llm, const catalog::NodeType& node,
                 const Simulated& simulated, bool to_be_planned = false);

}  // namespace tideline::fleet
