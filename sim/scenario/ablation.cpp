#include "sim/scenario/ablation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/scenario/ablation_rows.h"
#include "sim/scenario/load.h"
#include "sim/scenario/result.h"
#include "sim/workload/sessions.h"
#include "sim/workload/traces/trace_load.h"

namespace tideline::scenario {
namespace {

// Load of every local hour, requests a second.
std::array<double, 24> hourly_loads(const workload::Workload& w) {
  constexpr int kSlotsPerHour = workload::kSlotsPerDay / 24;
  const workload::DayCurve& rate = w.sessions ? w.sessions->rate : w.rate;
  const double requests = w.sessions ? w.sessions->requests_mean() : 1.0;
  std::array<double, 24> hours{};
  for (int h = 0; h < 24; ++h) {
    const auto first = rate.begin() + h * kSlotsPerHour;
    hours[static_cast<std::size_t>(h)] =
        requests * std::accumulate(first, first + kSlotsPerHour, 0.0) / kSlotsPerHour;
  }
  return hours;
}

// The local hours of most and of least load. Of equal ones the first: sums of slots differ in their last
// bits. A trace has its own hours, and is run from its beginning.
std::vector<AblationLoad> loads_of(const Scenario& s) {
  if (const auto& trace = s.workload.trace) {
    const double rate = trace->has_times ? trace->contents.rate() * trace->rate_factor : trace->rate_factor;
    return {{"trace", s.start, rate}};
  }
  constexpr double kAlike = 1e-9;
  const std::array<double, 24> hours = hourly_loads(s.workload);
  std::size_t most = 0, least = 0;
  for (std::size_t h = 1; h < hours.size(); ++h) {
    if (hours[h] > hours[most] * (1.0 + kAlike)) most = h;
    if (hours[h] < hours[least] * (1.0 - kAlike)) least = h;
  }
  const auto load = [&](const char* name, std::size_t hour) {
    const std::string start = fmt::format("{}{:02}:00:00{}", s.start.substr(0, 11), hour, s.start.substr(19));
    return AblationLoad{name, start, hours[hour]};
  };
  return {load("day", most), load("night", least)};
}

double figure(const Result& r, std::string_view key) {
  return value_of(r.figures, key).value_or(0.0);
}

// A queue that grew, or answers that waited for a rank: in a short window the latter need not grow.
std::string what_saturates(const Result& r) {
  constexpr double kWaitedMax = 0.05;
  const fleet::RunTotals& t = r.totals;
  if (t.saturated()) return fmt::format("{} requests were never answered", t.window_unfinished);
  if (!r.growths.empty())
    return fmt::format("the queue of {} grew by {:.0f} % of the load", to_string(r.growths.front().stage),
                       r.growths.front().overload() * 100.0);
  const double waited =
      static_cast<double>(t.waited_for_decode) / static_cast<double>(std::max<std::uint64_t>(t.arrived, 1));
  if (waited > kWaitedMax) return fmt::format("{:.0f} % of answers found every rank full", waited * 100.0);
  return "";
}

AblationPoint point_of(const Result& r) {
  return {.output_speed_tok_s_user = figure(r, "output_speed_tok_s_user"),
          .speed_change = 0,
          .tpot_p99_s = r.whole.tpot_s.p99,
          .ttft_mean_s = r.whole.ttft_s.mean,
          .decode_step_s = r.decode_step_s,
          .decode_requests_per_gpu = r.decode_requests_per_gpu,
          .prefill_pass_s = r.prefill_pass_s,
          .saturated = what_saturates(r)};
}

// Outages and maintenance have their times, which are those of the day and not of a window elsewhere in it.
std::vector<std::string> without_outages(const config::Document& document) {
  std::vector<std::string> overrides;
  for (const std::string kind : {"prefill", "decode"}) {
    const config::Node unit = document.root().object(kind);
    if (unit.has("maintenance")) overrides.push_back(kind + ".maintenance=[]");
    const auto failures = unit.optional_object("failures");
    if (failures && failures->has("outages")) overrides.push_back(kind + ".failures.outages=[]");
  }
  return overrides;
}

std::vector<std::string> together(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

Ablation ablate(const std::string& file, const std::vector<std::string>& overrides,
                const AblationOptions& options, const std::function<void(const std::string&)>& progress) {
  const config::Document document = scenario::load(file, overrides);
  Ablation a{.scenario = read(document), .options = options, .loads = {}, .rows = {}, .crossing = {}};
  a.loads = loads_of(a.scenario);
  const std::vector<std::string> outages = without_outages(document);
  a.rows = {{"base", "as it is", {}, "", {}}};
  for (AblationRow& r : ablation_rows(a.scenario, document))
    if (options.only.empty() || std::ranges::find(options.only, r.key) != options.only.end())
      a.rows.push_back(std::move(r));
  double kv_tokens = 0.0;
  for (const AblationLoad& load : a.loads) {
    std::vector<std::string> window = together(overrides, outages);
    window.push_back("start=" + load.start);
    window.push_back(fmt::format("duration={} s", to_seconds(options.window).value()));
    window.push_back(fmt::format("warm_up={} s", to_seconds(options.warm_up).value()));
    for (AblationRow& row : a.rows) {
      const bool base = &row == &a.rows.front();
      if (!base && row.overrides.empty()) continue;
      if (progress) progress(load.name + ": " + row.label);
      const Result r = run(read(scenario::load(file, together(window, row.overrides))));
      row.points.push_back(point_of(r));
      row.points.back().speed_change =
          row.points.back().output_speed_tok_s_user / a.rows.front().points.back().output_speed_tok_s_user -
          1.0;
      if (base && kv_tokens == 0.0) kv_tokens = std::round(figure(r, "kv_tokens_per_output_token"));
    }
  }
  if (progress) progress("overlap from few requests to many");
  a.crossing = overlap_crossing(a.scenario.fleet.decode, kv_tokens, a.scenario.seed);
  return a;
}

}  // namespace tideline::scenario
