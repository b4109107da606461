#include <algorithm>

#include "sim/finance/ledger.h"
#include "sim/parallel/for_each_index.h"
#include "sim/pools/pools.h"

namespace tideline::pools {
namespace {

using finance::Held;
using finance::HourStatement;
using scenario::Figure;
using scenario::Result;

void add(finance::ByState& sum, const finance::ByState& nodes) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += nodes[i];
}

// Nodes that the pools hold at once, change by change.
std::vector<Held> held_together(const std::vector<Result>& results) {
  std::vector<std::vector<Held>> held;
  std::vector<Instant> changes;
  for (const Result& r : results) {
    held.push_back(finance::held_nodes(r.scenario.fleet, r.totals));
    for (const Held& h : held.back()) changes.push_back(h.from);
  }
  std::ranges::sort(changes);
  changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
  std::vector<Held> sums;
  for (const Instant at : changes) {
    Held& sum = sums.emplace_back(Held{.from = at});
    for (const std::vector<Held>& pool : held) {
      const auto after = std::ranges::upper_bound(pool, at, {}, &Held::from);
      if (after == pool.begin()) continue;
      add(sum.prefill, std::prev(after)->prefill);
      add(sum.decode, std::prev(after)->decode);
    }
  }
  return sums;
}

void add(HourStatement& sum, const HourStatement& hour) {
  sum.tokens += hour.tokens;
  sum.revenue += hour.revenue;
  sum.forgone += hour.forgone;
  sum.cost += hour.cost;
  sum.prefill_node_ns += hour.prefill_node_ns;
  sum.decode_node_ns += hour.decode_node_ns;
  sum.freed_node_ns += hour.freed_node_ns;
}

std::vector<PooledHour> hours_of(const std::vector<Result>& results) {
  const Result& first = results.front();
  finance::Ledger nodes =
      finance::empty_ledger({}, first.scenario.window, first.scenario.first_minute, first.scenario.node.gpus);
  finance::add_nodes(nodes, held_together(results));
  std::vector<PooledHour> hours(first.hours.size());
  for (std::size_t h = 0; h < hours.size(); ++h) {
    hours[h].local_hour = first.hours[h].local_hour;
    for (const Result& r : results) {
      add(hours[h].money, r.hours[h].money);
      hours[h].nodes_prefill += r.hours[h].nodes_prefill;
      hours[h].nodes_decode += r.hours[h].nodes_decode;
    }
    hours[h].money.peak_nodes = nodes.hours[h].peak;
  }
  return hours;
}

double kv_tokens_per_output_token(const Result& r) {
  return scenario::value_of(r.figures, "kv_tokens_per_output_token").value_or(0.0);
}

std::vector<Figure> figures_of(const std::vector<Result>& results, const std::vector<PooledHour>& hours) {
  HourStatement all;
  scenario::HeadlineSums sums;
  for (const PooledHour& h : hours) {
    add(all, h.money);
    sums.nodes_peak = std::max(sums.nodes_peak, h.money.peak_nodes);
  }
  sums.tokens = all.tokens;
  sums.prefill_node_ns = all.prefill_node_ns, sums.decode_node_ns = all.decode_node_ns;
  sums.cost = all.cost.total(), sums.revenue = all.revenue.total();
  const auto node_ns = static_cast<double>(all.prefill_node_ns + all.decode_node_ns);
  sums.nodes_mean = node_ns / static_cast<double>(results.front().scenario.window.ns);
  sums.saturated = std::ranges::any_of(results, [](const Result& r) { return r.ledger.saturated; });
  double attended = 0.0, gpu_ns = 0.0;
  for (const Result& r : results) {
    attended += kv_tokens_per_output_token(r) * static_cast<double>(r.whole.tokens.output);
    for (const auto& h : r.statement.hours)
      gpu_ns += static_cast<double>((h.prefill_node_ns + h.decode_node_ns) * r.scenario.node.gpus);
  }
  if (all.tokens.output > 0)
    sums.kv_tokens_per_output_token = attended / static_cast<double>(all.tokens.output);
  sums.gpus_per_node = gpu_ns / node_ns;
  return scenario::headlines(sums);
}

}  // namespace

bool PooledResult::saturated() const {
  return std::ranges::any_of(results, &Result::saturated);
}
bool PooledResult::slo_holds() const {
  return std::ranges::all_of(results, &Result::slo_holds);
}

PooledResult run(const Pools& pools, const RunOptions& options) {
  for (const Pool& pool : pools.pools) scenario::require_schedule(pool.scenario);
  PooledResult all{.pools = pools, .results = {}, .figures = {}, .hours = {}};
  all.results.resize(pools.pools.size());
  parallel::for_each_index(pools.pools.size(), options.threads, [&](std::size_t i) {
    scenario::RunOptions one;
    if (options.progress)
      one.progress = [&options, i](Instant now, std::uint64_t requests) {
        options.progress(i, now, requests);
      };
    all.results[i] = scenario::run(pools.pools[i].scenario, one);
  });
  all.hours = hours_of(all.results);
  all.figures = figures_of(all.results, all.hours);
  return all;
}

}  // namespace tideline::pools
