// A statement boiled down to what moves it, so that thousands of what-ifs cost microseconds. Revenue is
// linear in tokens and prices, cost in node-hours, so that nothing is lost but rounding (a test holds it to
// the statement).
//
// With f the share of nodes that follow the load, c the cache hit share, c0 that of the statement:
//   revenue = paid share x price x load x sum over meters of tokens x mean price of the day,
//             of the input a share of c being hits. With a share m0 of the tokens at the other book, the
//             price of a meter goes straight from that without it (m = 0) to that of the statement (m0), and
//             on to that at the other book alone (1)
//   prefill node-hours = held x efficiency x (1 + f (load (1 - c) / (1 - c0) - 1))
//   decode node-hours  = held x efficiency x (1 + f (load - 1))
//   cost = node-hours x rate, and of nodes that are paid for round the clock and not held, their own: hour by
//          hour, as a node that is freed at night is held at noon. Where they are owned, or no number is
//          given, there are as many as are held at once; that peak moves as the nodes of its hour do.
// Error: the profile of the day, and so the share sold in each price window, stays; nodes are not whole
// units.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sim/finance/statement.h"
#include "sim/finance/uncertainty.h"

namespace tideline::finance {

struct Drivers {
  std::array<double, kMeters.size()> tokens{};
  // USD a token, all of it paid for: as it is, with nothing sold at the other book, and all of it.
  std::array<double, kMeters.size()> price{}, price_without_other{}, other_price{};
  double prefill_node_h = 0, decode_node_h = 0;  // held
  struct Hour {
    double hours = 1, prefill_node_h = 0, decode_node_h = 0, peak_nodes = 0;
  };
  std::vector<Hour> by_hour;
  Committed committed;
  double held_rate = 0, freed_rate = 0, freed_value = 0;  // USD a node-hour
  double nodes_follow = 1;
  Levers base;  // where the statement stands
};

Drivers drivers_of(const Terms& terms, const Ledger& ledger, const Statement& statement);

struct Outcome {
  double revenue_usd = 0, cost_usd = 0;
  [[nodiscard]] double profit_usd() const { return revenue_usd - cost_usd; }
  // None without revenue, and without cost.
  [[nodiscard]] std::optional<double> gross_margin() const {
    return revenue_usd > 0.0 ? std::optional(profit_usd() / revenue_usd) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> cost_profit_ratio() const {
    return cost_usd > 0.0 ? std::optional(profit_usd() / cost_usd) : std::nullopt;
  }
};
Outcome outcome(const Drivers& drivers, const Levers& levers);

// The value of a range at a share of its probability, the mode of a triangle where the statement stands.
double quantile(const Range& range, double base, double probability);

}  // namespace tideline::finance
