#include "sim/finance/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tideline::finance {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMinutesPerDay = 24 * 60;

Money in_dollars(Money amount, double usd_per_currency) {
  if (usd_per_currency == 1.0) return amount;
  return {std::llround(static_cast<double>(amount.micro_usd) * usd_per_currency)};
}

Revenue sell(const Terms& terms, const metrics::TokenCounts& tokens, std::int64_t minute) {
  const catalog::TokenPrices& p = terms.prices.at(minute % kMinutesPerDay);
  return {in_dollars(times(p.input_hit, tokens.input_hit, kMillion), terms.usd_per_currency),
          in_dollars(times(p.input_miss, tokens.input_miss, kMillion), terms.usd_per_currency),
          in_dollars(times(p.output, tokens.output, kMillion), terms.usd_per_currency)};
}

Cost lease(const Terms& terms, const fleet::NodeTime& nodes) {
  return {times(terms.gpu_hour, nodes.prefill_ns * terms.gpus_per_node, kNsPerHour),
          times(terms.gpu_hour, nodes.decode_ns * terms.gpus_per_node, kNsPerHour)};
}

double per_million(Money cost, std::int64_t tokens) {
  return tokens > 0 ? cost.usd() * 1e6 / static_cast<double>(tokens) : 0.0;
}

}  // namespace

bool windows_fit_slots(const catalog::PriceBook& book) {
  return std::all_of(book.windows.begin(), book.windows.end(), [](const catalog::PriceWindow& w) {
    return w.from_minute % metrics::kSlotMinutes == 0 && w.to_minute % metrics::kSlotMinutes == 0;
  });
}

Terms read_terms(const config::Node& node, std::int64_t gpus_per_node, const std::string& time_zone) {
  Terms terms;
  terms.prices = catalog::load_price_book(node, "price_book");
  if (!windows_fit_slots(terms.prices))
    node.problem("price_book", "a window of this book does not begin and end at a quarter of an hour");
  terms.gpu_hour = to_money(node.quantity<DollarsPerSecond>("gpu_rate") * Seconds(3600.0));
  terms.gpus_per_node = gpus_per_node;
  if (terms.prices.currency != "USD") terms.usd_per_currency = node.number("usd_per_currency");
  if (terms.usd_per_currency <= 0.0)
    node.problem("usd_per_currency", "a currency is worth more than nothing");
  if (!terms.prices.windows.empty() && terms.prices.time_zone != time_zone)
    node.problem("price_book", fmt::format("this book has hours of {}, the scenario those of {}",
                                           terms.prices.time_zone, time_zone));
  return terms;
}

Revenue& Revenue::operator+=(const Revenue& other) {
  input_hit += other.input_hit;
  input_miss += other.input_miss;
  output += other.output;
  return *this;
}

Cost& Cost::operator+=(const Cost& other) {
  prefill += other.prefill;
  decode += other.decode;
  return *this;
}

double Statement::gross_margin() const {
  const double r = revenue.total().usd();
  return r > 0.0 ? (r - cost.total().usd()) / r : 0.0;
}

double Statement::cost_profit_ratio() const {
  const double c = cost.total().usd();
  return c > 0.0 ? (revenue.total().usd() - c) / c : 0.0;
}

Statement account(const Terms& terms, const metrics::Day& day, const fleet::Fleet& fleet, Duration window,
                  std::int64_t first_minute) {
  Statement s;
  metrics::TokenCounts tokens;
  s.hours.resize(day.hours().size());
  for (std::size_t i = 0; i < day.slots().size(); ++i) {
    const auto minute = first_minute + static_cast<std::int64_t>(i) * metrics::kSlotMinutes;
    s.hours[i * metrics::kSlotMinutes / 60].revenue += sell(terms, day.slots()[i], minute);
    tokens += day.slots()[i];
  }
  std::int64_t node_ns = 0;
  for (std::size_t h = 0; h < s.hours.size(); ++h) {
    const Instant from{static_cast<std::int64_t>(h) * kNsPerHour};
    const Instant to{std::min(from.ns + kNsPerHour, window.ns)};
    const fleet::NodeTime nodes = fleet::node_time(fleet, from, to);
    s.hours[h].cost = lease(terms, nodes);
    s.hours[h].prefill_node_ns = nodes.prefill_ns;
    s.hours[h].decode_node_ns = nodes.decode_ns;
    s.hours[h].peak_nodes = nodes.peak_nodes;
    s.revenue += s.hours[h].revenue;
    s.cost += s.hours[h].cost;
    s.nodes_peak = std::max(s.nodes_peak, nodes.peak_nodes);
    node_ns += nodes.prefill_ns + nodes.decode_ns;
  }
  s.nodes_mean = static_cast<double>(node_ns) / static_cast<double>(window.ns);
  s.cost_per_million_miss = per_million(s.cost.prefill, tokens.input_miss);
  s.cost_per_million_output = per_million(s.cost.decode, tokens.output);
  return s;
}

}  // namespace tideline::finance
