// Revenue, cost and what is left of a simulated window, by hour and meter, in whole micro-dollars: hours add
// up to the window, meters to the total. Pure functions of token counts, node time and a price book.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/money.h"
#include "sim/catalog/prices.h"
#include "sim/config/node.h"
#include "sim/fleet/fleet.h"
#include "sim/metrics/day.h"

namespace tideline::finance {

// How tokens are sold and nodes are paid for.
struct Terms {
  catalog::PriceBook prices;
  double usd_per_currency = 1.0;  // of the price book's currency
  Money gpu_hour;                 // lease of one GPU for one hour
  std::int64_t gpus_per_node = 8;
};

// Fails: a problem at "price_book" when a window of the book begins or ends inside a slot of metrics::Day.
// Windows of prices hold in the service's own time zone: the book's must be the scenario's.
Terms read_terms(const config::Node& node, std::int64_t gpus_per_node, const std::string& time_zone);
bool windows_fit_slots(const catalog::PriceBook& book);

struct Revenue {
  Money input_hit, input_miss, output;
  [[nodiscard]] Money total() const { return input_hit + input_miss + output; }
  Revenue& operator+=(const Revenue& other);
};

struct Cost {
  Money prefill, decode;
  [[nodiscard]] Money total() const { return prefill + decode; }
  Cost& operator+=(const Cost& other);
};

struct HourStatement {
  Revenue revenue;
  Cost cost;
  std::int64_t prefill_node_ns = 0, decode_node_ns = 0, peak_nodes = 0;
};

struct Statement {
  std::vector<HourStatement> hours;
  Revenue revenue;
  Cost cost;
  // Both ratios, by name: they are easily taken for each other.
  [[nodiscard]] double gross_margin() const;       // (revenue - cost) / revenue
  [[nodiscard]] double cost_profit_ratio() const;  // (revenue - cost) / cost
  // What a million tokens of a meter cost to serve: prefill nodes make misses, decode nodes make output, hits
  // ride along. cost = per_million x millions of both meters, to the rounding of a micro-dollar.
  double cost_per_million_miss = 0, cost_per_million_output = 0;
  double nodes_mean = 0;
  std::int64_t nodes_peak = 0;
};

// `first_minute`: local minute of the day at instant 0, for the windows of the price book.
Statement account(const Terms& terms, const metrics::Day& day, const fleet::Fleet& fleet, Duration window,
                  std::int64_t first_minute);

}  // namespace tideline::finance
