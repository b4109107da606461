// Profit and loss of a window, in whole micro-dollars: revenue by meter, cost of nodes by stage and state, by
// hour, class and model. Hours add up to the window, meters, states and lines to the total. A pure function
// of a ledger and terms.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/money.h"
#include "sim/finance/ledger.h"
#include "sim/finance/terms.h"

namespace tideline::finance {

struct Revenue {
  Money input_hit, input_miss, output;
  [[nodiscard]] Money total() const { return input_hit + input_miss + output; }
  Revenue& operator+=(const Revenue& other);
};

struct Meter {
  std::string_view name;
  Money Revenue::*amount;
  std::int64_t metrics::TokenCounts::*tokens;
  Money catalog::TokenPrices::*price;
};
inline constexpr std::array kMeters = {
    Meter{"input_hit", &Revenue::input_hit, &metrics::TokenCounts::input_hit,
          &catalog::TokenPrices::input_hit},
    Meter{"input_miss", &Revenue::input_miss, &metrics::TokenCounts::input_miss,
          &catalog::TokenPrices::input_miss},
    Meter{"output", &Revenue::output, &metrics::TokenCounts::output, &catalog::TokenPrices::output}};

using StageCost = std::array<CostItems, kNodeStates>;  // by NodeState
CostItems items(const StageCost& cost);
Money working(const StageCost& cost);  // of nodes that serve or drain

struct Cost {
  StageCost prefill{}, decode{};
  CostItems freed;    // nodes that are paid for and do other work
  Money freed_value;  // what that work is worth, taken off
  [[nodiscard]] Money of_prefill() const { return items(prefill).total(); }
  [[nodiscard]] Money of_decode() const { return items(decode).total(); }
  [[nodiscard]] Money of_freed() const { return freed.total() - freed_value; }
  [[nodiscard]] Money total() const { return of_prefill() + of_decode() + of_freed(); }
  Cost& operator+=(const Cost& other);
};

struct HourStatement {
  metrics::TokenCounts tokens;
  Revenue revenue, forgone;  // forgone: what was given away, at its price
  Cost cost;
  std::int64_t prefill_node_ns = 0, decode_node_ns = 0, freed_node_ns = 0, peak_nodes = 0;
};

// What one class was sold as one model. Its share of the cost is taken hour by hour: of prefill by misses, of
// decode by output, of freed nodes as of the two together.
struct Line {
  std::string of_class, model;
  metrics::TokenCounts tokens{}, given{};  // given: of the tokens, those that were free
  Revenue revenue{}, forgone{};
  Money cost_prefill{}, cost_decode{}, cost_freed{};
  [[nodiscard]] Money cost() const { return cost_prefill + cost_decode + cost_freed; }
  [[nodiscard]] Money profit() const { return revenue.total() - cost(); }
  Line& operator+=(const Line& other);
};

// What a line sold in an hour at one set of prices: its book's window, or the list (PriceBook::window_at).
struct Sale {
  std::size_t hour = 0, line = 0, window = 0;
  metrics::TokenCounts tokens{}, given{};
  Revenue revenue{}, forgone{};
  Sale& operator+=(const Sale& other);
};

// The ratios, by name: they are easily taken for each other.
std::optional<double> gross_margin(Money revenue, Money cost);       // (revenue - cost) / revenue, if any
std::optional<double> cost_profit_ratio(Money revenue, Money cost);  // (revenue - cost) / cost, if any

struct Statement {
  bool saturated = false;  // the ledger is: ratios would set nodes against more than they served
  std::vector<HourStatement> hours;
  std::vector<Line> lines;  // classes in the order of the ledger, models in that of the terms
  std::vector<Sale> sales;  // in order of the hours
  metrics::TokenCounts tokens;
  Revenue revenue{}, forgone{};
  Cost cost;
  // What a million tokens of a meter cost to serve: prefill nodes make misses, decode nodes make output, hits
  // ride along. Cost of prefill and decode = per_million x millions, to the rounding of a micro-dollar.
  // None without such tokens, or of a saturated run.
  std::optional<double> cost_per_million_miss, cost_per_million_output;
  double nodes_mean = 0;
  std::int64_t nodes_peak = 0;

  [[nodiscard]] Money profit() const { return revenue.total() - cost.total(); }
  // Of the window, and of a part of it: an hour, a line. None where the ledger is saturated.
  [[nodiscard]] std::optional<double> gross_margin() const {
    return gross_margin(revenue.total(), cost.total());
  }
  [[nodiscard]] std::optional<double> gross_margin(Money of_revenue, Money of_cost) const;
  [[nodiscard]] std::optional<double> cost_profit_ratio() const {
    return cost_profit_ratio(revenue.total(), cost.total());
  }
  [[nodiscard]] std::optional<double> cost_profit_ratio(Money of_revenue, Money of_cost) const;
  [[nodiscard]] std::vector<Line> by_model() const;  // summed over classes
  [[nodiscard]] std::vector<Line> by_class() const;  // summed over models
};

Statement account(const Terms& terms, const Ledger& ledger);

}  // namespace tideline::finance
