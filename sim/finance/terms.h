// How tokens are sold and nodes are paid for: the "money" of a scenario.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/money.h"
#include "sim/base/policy.h"
#include "sim/config/node.h"
#include "sim/finance/channel.h"
#include "sim/finance/node_cost.h"
#include "sim/finance/uncertainty.h"

namespace tideline::finance {

enum class Commitment { kAsUsed, kRoundTheClock };

inline constexpr std::array kCommitments = {
    Policy<Commitment>{"as_used", "nodes are paid for while they are held", Commitment::kAsUsed},
    Policy<Commitment>{"round_the_clock", "nodes are paid for at all times; those not held are freed",
                       Commitment::kRoundTheClock}};

// Nodes that are paid for round the clock.
struct Committed {
  double nodes = 0;   // as given
  bool peak = false;  // and as many as are held at once: of owned nodes, and where no number is given
  [[nodiscard]] double of(double held_at_once) const { return peak ? std::max(nodes, held_at_once) : nodes; }
};

struct Terms {
  CostItems node_hour;  // of a node that is held
  std::int64_t gpus_per_node = 8;
  Commitment commitment = Commitment::kAsUsed;
  std::int64_t committed_nodes = 0;  // 0: the most that are held at once
  Money freed_value;                 // of a freed node-hour: what other work would pay for it
  Channel everyone;
  std::map<std::string, Channel> by_class;  // classes with terms of their own
  std::optional<Uncertainty> uncertainty;   // how far what stands here may be off
  bool owned = false;                       // or leased
  // Where these stand, for mistakes that show only on a ledger (payable.h).
  Problem rate_at, committed_at, prices_at;

  [[nodiscard]] const Channel& channel(const std::string& of_class) const;
  // Of a freed node-hour: all but its energy, which is the other work's.
  [[nodiscard]] CostItems freed_hour() const;
  [[nodiscard]] Money gpu_hour() const;  // of a node that is held, by GPU
  [[nodiscard]] Committed committed() const;
};

// "money": {"gpu_rate": "2 USD/h" or "owned": {...}, "commitment": "as_used", "committed_nodes": 0,
//   "freed_value": "0 USD/h" of a GPU, "price_book": "...", "model": "...", "usd_per_currency": 0.14,
//   "free_share": 0, "mix": [{"price_book", "model", "share"}], "classes": {"NAME": {...}},
//   "uncertainty": {...}}. A class has what it says itself and the rest from above.
Terms read_terms(const config::Node& node, std::int64_t gpus_per_node, const std::string& time_zone,
                 std::span<const std::string> classes);

}  // namespace tideline::finance
