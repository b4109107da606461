// How tokens are sold and nodes are paid for: the "money" of a scenario.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/money.h"
#include "sim/catalog/prices.h"
#include "sim/config/node.h"
#include "sim/finance/node_cost.h"

namespace tideline::finance {

// A share of a channel's tokens, priced at the book of a model.
struct Sold {
  std::string model;
  catalog::PriceBook book;
  double usd_per_currency = 1.0;
  double share = 1.0;
};

// What one class of requests is sold as.
struct Channel {
  std::vector<Sold> sold;   // shares add up to 1
  double free_share = 0.0;  // of its tokens, whatever the model: given away
};

enum class Commitment { kAsUsed, kRoundTheClock };

struct CommitmentPolicy {
  std::string_view name, sentence;
  Commitment kind;
};
inline constexpr std::array kCommitments = {
    CommitmentPolicy{"as_used", "nodes are paid for while they are held", Commitment::kAsUsed},
    CommitmentPolicy{"round_the_clock", "nodes are paid for at all times; those not held are freed",
                     Commitment::kRoundTheClock}};

struct Terms {
  CostItems node_hour;  // of a node that is held
  std::int64_t gpus_per_node = 8;
  Commitment commitment = Commitment::kAsUsed;
  std::int64_t committed_nodes = 0;  // 0: the most that are held at once
  Money freed_value;                 // of a freed node-hour: what other work would pay for it
  Channel everyone;
  std::map<std::string, Channel> by_class;  // classes with terms of their own

  [[nodiscard]] const Channel& channel(const std::string& of_class) const;
  // Of a freed node-hour: all but its energy, which is the other work's.
  [[nodiscard]] CostItems freed_hour() const;
  [[nodiscard]] Money gpu_hour() const;  // of a node that is held, by GPU
};

// "money": {"gpu_rate": "2 USD/h" or "owned": {...}, "commitment": "as_used", "committed_nodes": 0,
//   "freed_value": "0 USD/h" of a GPU, "price_book": "...", "model": "...", "usd_per_currency": 0.14,
//   "free_share": 0, "mix": [{"price_book", "model", "share"}], "classes": {"NAME": {...}}}.
// A class has what it says itself and the rest from above. Fails: a problem at "price_book" when a window of
// the book begins or ends inside a slot of metrics::Day. Windows of prices hold in the service's own time
// zone: the book's must be the scenario's.
Terms read_terms(const config::Node& node, std::int64_t gpus_per_node, const std::string& time_zone,
                 std::span<const std::string> classes);
bool windows_fit_slots(const catalog::PriceBook& book);

}  // namespace tideline::finance
