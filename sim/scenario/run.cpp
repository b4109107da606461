#include <algorithm>
#include <array>
#include <optional>

#include "sim/base/check.h"
#include "sim/base/clock.h"
#include "sim/finance/payable.h"
#include "sim/scenario/result.h"
#include "sim/scenario/step_times.h"

namespace tideline::scenario {
namespace {

constexpr std::array kFigures = {
    Figure{"requests", "requests", "", 0},
    Figure{"input_tokens", "input tokens", "Gtok", 1},
    Figure{"cached_input_tokens", "  of which cached", "Gtok", 1},
    Figure{"output_tokens", "output tokens", "Gtok", 1},
    Figure{"kv_tokens_per_output_token", "KV per output token", "tok", 0},
    Figure{"nodes_mean", "nodes, mean", "", 2},
    Figure{"nodes_peak", "nodes, peak", "", 0},
    Figure{"prefill_tok_s_node", "input per prefill node", "tok/s", 0},
    Figure{"decode_tok_s_node", "output per decode node", "tok/s", 0},
    Figure{"output_tok_s_gpu", "output per GPU, all nodes", "tok/s", 1},
    Figure{"output_speed_tok_s_user", "output speed per user", "tok/s", 1},
    Figure{"cost_usd", "cost", "USD", 2},
    Figure{"revenue_usd", "revenue", "USD", 2},
    Figure{"gross_margin", "gross margin", "", 4},
    Figure{"cost_profit_ratio", "cost-profit ratio", "", 3},
};

// `span`: the time in which its requests arrived.
Service service_of(const metrics::Slice& m, Duration span) {
  const auto rate = [&](std::int64_t count) { return static_cast<double>(count) / to_seconds(span).value(); };
  const metrics::Latencies& l = m.latencies;
  return {.tokens = m.tokens,
          .queue_s = l.queue.summary(),
          .ttft_s = l.ttft.summary(),
          .decode_wait_s = l.decode_wait.summary(),
          .tpot_s = l.tpot.summary(),
          .itl_s = l.itl.summary(),
          .e2e_s = l.e2e.summary(),
          .output_speed_tok_s_user = m.output_speed(),
          .set_backs = m.set_backs,
          .slo = m.slo,
          .goodput_requests_s = rate(m.slo.good),
          .goodput_output_tok_s = rate(m.slo.good_output_tokens)};
}

std::vector<HourResult> by_hour(const Scenario& s, const metrics::Day& day, const finance::Statement& money) {
  std::vector<HourResult> hours;
  for (std::size_t h = 0; h < day.hours().size(); ++h) {
    const Duration length = hour_length(s.window, h);
    const auto mean_nodes = [&](std::int64_t node_ns) {
      return static_cast<double>(node_ns) / static_cast<double>(length.ns);
    };
    hours.push_back({.local_hour = static_cast<int>(local_hour(s.first_minute, h)),
                     .length = length,
                     .service = service_of(day.hours()[h], length),
                     .money = money.hours[h],
                     .nodes_prefill = mean_nodes(money.hours[h].prefill_node_ns),
                     .nodes_decode = mean_nodes(money.hours[h].decode_node_ns)});
  }
  return hours;
}

void add_use(Result& r) {
  const fleet::RunTotals& t = r.totals;
  const fleet::Fleet& f = r.scenario.fleet;
  std::int64_t decode_ns = 0;
  for (const finance::HourNodes& h : r.ledger.hours) decode_ns += finance::working(h.decode_ns);
  const double decode_gpu_s =
      static_cast<double>(decode_ns) * 1e-9 * static_cast<double>(r.scenario.node.gpus);
  if (decode_ns > 0) r.decode_requests_per_gpu = t.decode_requests_s / decode_gpu_s;
  if (t.window_decode_steps > 0)
    r.decode_step_s = t.decode_step_s / static_cast<double>(t.window_decode_steps);
  if (t.window_prefill_passes == 0) return;
  const auto passes = static_cast<double>(t.window_prefill_passes);
  const auto budget = static_cast<double>(f.prefill.unit.gpus() * f.prefill.tokens_per_gpu);
  r.prefill_pass_s = t.prefill_busy_s / passes;
  r.prefill_budget_fill = t.prefill_tokens / (passes * budget);
  r.prefill_work_fill = t.prefill_fills / passes;
}

// Of a saturated run: whether nodes of the time after the window had to serve what the money of the window
// counts. A queue that was worked off within it leaves revenue and cost of one service.
bool is_served_later(const Result& r) {
  constexpr double kMade = 0.95;  // of the output, by the nodes of the window: assumed
  double made = 0.0;
  for (const metrics::Minute& m : r.minutes) made += m.output_tokens;
  std::int64_t sold = 0;
  for (const metrics::TokenCounts& t : r.ledger.tokens) sold += t.output;
  return r.totals.window_unfinished > 0 || made < kMade * static_cast<double>(sold);
}

}  // namespace

std::span<const Figure> summary_figures() {
  return kFigures;
}

std::optional<double> value_of(std::span<const Figure> figures, std::string_view key) {
  const auto found = std::ranges::find(figures, key, &Figure::key);
  CHECK(found != figures.end(), "no headline is called \"{}\"", key);
  return found->value;
}

std::vector<Figure> headlines(const HeadlineSums& s) {
  const metrics::TokenCounts& t = s.tokens;
  const auto per_node_second = [](std::int64_t tokens, std::int64_t node_ns) {
    return node_ns > 0 ? static_cast<double>(tokens) * 1e9 / static_cast<double>(node_ns) : 0.0;
  };
  const auto of_money = [&](auto ratio) { return s.saturated ? std::nullopt : ratio(s.revenue, s.cost); };
  const std::array<std::optional<double>, kFigures.size()> values{
      static_cast<double>(t.requests),
      static_cast<double>(t.input()),
      static_cast<double>(t.input_hit),
      static_cast<double>(t.output),
      s.kv_tokens_per_output_token,
      s.nodes_mean,
      static_cast<double>(s.nodes_peak),
      per_node_second(t.input(), s.prefill_node_ns),
      per_node_second(t.output, s.decode_node_ns),
      per_node_second(t.output, s.prefill_node_ns + s.decode_node_ns) / s.gpus_per_node,
      s.output_speed_tok_s_user,
      s.cost.usd(),
      s.revenue.usd(),
      of_money(finance::gross_margin),
      of_money(finance::cost_profit_ratio)};
  std::vector<Figure> figures(kFigures.begin(), kFigures.end());
  for (std::size_t i = 0; i < figures.size(); ++i) figures[i].value = values[i];
  if (!s.output_speed_tok_s_user)
    std::erase_if(figures, [](const Figure& f) { return f.key == "output_speed_tok_s_user"; });
  return figures;
}

Result run(const Scenario& scenario, const RunOptions& options) {
  require_schedule(scenario);
  const std::uint32_t replication = scenario.replication + options.replication;
  step::SurfaceTimes times = step_times(scenario, replication, options.threads);
  metrics::Day day(scenario.window, scenario.workload.classes.size(), scenario.slos);
  const fleet::RunSettings settings{.seed = scenario.seed,
                                    .run = replication,
                                    .window = scenario.window,
                                    .warm_up = scenario.warm_up,
                                    .threads = options.threads,
                                    .progress = options.progress};
  Result r;
  r.scenario = scenario;
  const auto arrivals =
      workload::make_arrivals(scenario.workload, scenario.seed, replication, Instant{-scenario.warm_up.ns});
  r.totals = simulate(scenario.fleet, scenario.workload.classes, *arrivals, times, settings, day);
  r.ledger = finance::empty_ledger(scenario.workload.class_names(), scenario.window, scenario.first_minute,
                                   scenario.node.gpus);
  finance::record(r.ledger, day, scenario.fleet, r.totals);
  r.growths = day.queues().growths();
  r.minutes = day.series().minutes();
  r.ledger.saturated = r.saturated() && is_served_later(r);
  finance::require_payable(scenario.terms, r.ledger);
  r.statement = finance::account(scenario.terms, r.ledger);

  r.whole = service_of(day.whole(), scenario.window);
  HeadlineSums sums{.tokens = r.whole.tokens,
                    .kv_tokens_per_output_token = day.kv_tokens_per_output_token(),
                    .gpus_per_node = static_cast<double>(scenario.node.gpus),
                    .nodes_mean = r.statement.nodes_mean,
                    .nodes_peak = r.statement.nodes_peak,
                    .output_speed_tok_s_user = r.whole.output_speed_tok_s_user,
                    .cost = r.statement.cost.total(),
                    .revenue = r.statement.revenue.total(),
                    .saturated = r.ledger.saturated};
  for (const auto& h : r.statement.hours)
    sums.prefill_node_ns += h.prefill_node_ns, sums.decode_node_ns += h.decode_node_ns;
  r.figures = headlines(sums);
  std::ranges::find(r.figures, "output_speed_tok_s_user", &Figure::key)->value = r.whole.output_speed();
  r.hours = by_hour(scenario, day, r.statement);
  for (const metrics::Slice& c : day.by_class()) r.by_class.push_back(service_of(c, scenario.window));
  r.disturbances = metrics::disturbances(r.minutes);
  add_use(r);
  if (options.bands) r.bands = draw_bands(r, options.threads);
  return r;
}

}  // namespace tideline::scenario
