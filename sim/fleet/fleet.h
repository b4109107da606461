// What a fleet is made of and how it is run through the day: the two kinds of deployment unit, how many of
// each serve at what time, and the policies between them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/fleet/roster.h"
#include "sim/policy/balancers.h"
#include "sim/policy/scaling.h"
#include "sim/step/unit.h"

namespace tideline::fleet {

struct PrefillSettings {
  step::Unit unit;
  // What a GPU is given in one pass: tokens, and work as of that many tokens which each attend to so many.
  // Prompts that exceed either are cut into chunks. Source: deepseek-ai/profile-data, prefill, prompts of
  // 4096 tokens.
  std::int64_t tokens_per_gpu = 16384, attended_per_token = 2048;
  policy::PrefillBalancer balancer = policy::PrefillBalancer::kLeastWork;
  // Load of reactive scaling: units, times the share of their passes' budget of work that is used.
  policy::ScalingSettings scaling;
  Availability availability;
};

struct DecodeSettings {
  step::Unit unit;
  double draft_acceptance = 0.0;  // chance that a drafted token is accepted
  // Assumed where a scenario does not say: 0.1, range 0.05-0.2.
  double memory_reserve = 0.0;    // share of GPU memory kept from weights and KV cache
  policy::DecodeBalancer balancer = policy::DecodeBalancer::kLeastLoaded;
  // Assumed: about one mean cache, range 0-16384; no published balancer states its own.
  double request_weight = 4096;   // cached tokens that one request weighs as, for the balancer
  // Load of reactive scaling: requests that are served or wait, for each GPU of a unit.
  policy::ScalingSettings scaling;
  Availability availability;
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
  BytesPerSecond transfer_rate;        // KV cache of one request from prefill to decode GPU

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

// Reads "prefill", "decode" and "fleet" of a scenario; times of day are local, `first_minute` is instant 0.
// The schedule may be left out where it is `to_be_planned`.
Fleet read_fleet(const config::Node& scenario, const catalog::Llm& llm, const catalog::NodeType& node,
                 std::int64_t first_minute, Duration window, bool to_be_planned = false);

}  // namespace tideline::fleet
