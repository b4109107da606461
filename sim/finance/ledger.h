// What money is counted on: tokens by quarter of an hour, class and meter, and node time by hour, stage and
// state. A run fills one and writes it to result.json, published totals make another (volumes.h); finance
// knows nothing else of either.
//
// 1. Everything is whole: tokens, and nanoseconds of nodes. Slots add up to the window, states to the nodes
//    held.
// 2. Tokens are those of requests that arrived in the window, nodes those held in it. Where a saturated run
//    served many of the former after it, by nodes that are not in here, the ledger is saturated, too.
// 3. Freed nodes are not held: what they are follows from how many the terms pay for (terms.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/node.h"
#include "sim/fleet/simulation.h"
#include "sim/metrics/day.h"

namespace tideline::finance {

// In which nodes are held; each is a line of its own.
enum class NodeState : std::uint8_t { kServing, kStarting, kDraining, kDown, kMaintenance, kStandby };
inline constexpr std::size_t kNodeStates = 6;
inline constexpr std::array<std::string_view, kNodeStates> kNodeStateNames = {
    "serving", "starting", "draining", "down", "maintenance", "standby"};

// By state: nodes, or node-nanoseconds.
using ByState = std::array<std::int64_t, kNodeStates>;
std::int64_t total(const ByState& nodes);
// Of them, those that have requests: they serve or drain.
std::int64_t working(const ByState& nodes);

struct HourNodes {
  ByState prefill_ns{}, decode_ns{};
  std::int64_t peak = 0;  // nodes held at once
  [[nodiscard]] std::int64_t held_ns() const { return total(prefill_ns) + total(decode_ns); }
};

struct Ledger {
  std::int64_t first_minute = 0;  // local minute of the day at instant 0
  Duration window{};
  std::int64_t gpus_per_node = 8;
  std::vector<std::string> classes{};
  std::vector<metrics::TokenCounts> tokens{};  // [slot * classes + class]
  std::vector<HourNodes> hours{};
  bool saturated = false;  // of a run: its nodes made too few of the tokens

  [[nodiscard]] std::size_t slots() const { return classes.empty() ? 0 : tokens.size() / classes.size(); }
  [[nodiscard]] const metrics::TokenCounts& at(std::size_t slot, std::size_t of_class) const {
    return tokens[slot * classes.size() + of_class];
  }
  // Local minute of the day at which a slot begins.
  [[nodiscard]] std::int64_t minute_of(std::size_t slot) const;
  [[nodiscard]] static std::size_t hour_of(std::size_t slot) { return slot * metrics::kSlotMinutes / 60; }
  [[nodiscard]] Duration length_of(std::size_t hour) const;
  [[nodiscard]] metrics::TokenCounts total_tokens() const;
  [[nodiscard]] double node_hours() const;  // held
  [[nodiscard]] std::int64_t peak_nodes() const;
};

// Slots and hours of a window, all empty.
Ledger empty_ledger(std::vector<std::string> classes, Duration window, std::int64_t first_minute,
                    std::int64_t gpus_per_node);

// Nodes held from an instant on, until the next entry or the end of the window.
struct Held {
  Instant from;
  ByState prefill{}, decode{};
};
// Of a run, in time order: the units it held, and its spares, which stand by until they take the place of a
// node; that one is down then. Of changes at one instant the last holds.
std::vector<Held> held_nodes(const fleet::Fleet& fleet, const fleet::RunTotals& totals);
// REQUIRES: in time order.
void add_nodes(Ledger& ledger, const std::vector<Held>& held);

// Of a run: what its requests were, and the nodes it held.
void record(Ledger& ledger, const metrics::Day& day, const fleet::Fleet& fleet,
            const fleet::RunTotals& totals);

// As result.json has it; gpus_per_node and the rest of the frame stand beside the counts.
Ledger read_ledger(const config::Node& node);

}  // namespace tideline::finance
