#include "sim/scenario/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "sim/fleet/fleet.h"

namespace tideline::scenario {
namespace {

void read_latencies(const config::Node& targets, std::string_view name, Target::Metric metric,
                    std::vector<Target>& out) {
  for (const metrics::SummaryFigure& f : metrics::kSummaryFigures) {
    const std::string key = fmt::format("{}_{}", name, f.name);
    if (!targets.has(key)) continue;
    const double limit = targets.quantity<Seconds>(key).value();
    if (!(limit > 0.0)) targets.problem(key, "nothing takes no time");
    out.push_back({metric, key, f.quantile, limit});
  }
}

std::vector<Target> read_targets(const config::Node& targets) {
  std::vector<Target> out;
  read_latencies(targets, "ttft", Target::Metric::kTtft, out);
  const std::size_t prefill = out.size();
  read_latencies(targets, "tpot", Target::Metric::kTpot, out);
  if (targets.has("output_speed"))
    out.push_back({Target::Metric::kOutputSpeed, "output_speed", 0.0,
                   targets.quantity<TokensPerSecond>("output_speed").value()});
  if (prefill == 0)
    targets.problem(
        "", "nothing here says how long a prompt may take, so that no prefill unit is needed",
        "add ttft_mean, ttft_p50, ttft_p90, ttft_p95 or ttft_p99, such as \"ttft_p99\": \"10 s\"");
  if (out.size() == prefill)
    targets.problem("", "nothing here says how fast an answer must be, so that no decode unit is needed",
                    "add output_speed, such as \"20 tok/s\", or tpot_mean, tpot_p50 ... tpot_p99");
  return out;
}

Units read_units(const config::Node& node, std::string_view key, Units absent) {
  const auto units = node.optional_object(key);
  if (!units) return absent;
  Units u{units->count("prefill", absent.prefill), units->count("decode", absent.decode)};
  fleet::limit_units(node, key, std::max(u.prefill, u.decode));
  return u;
}

Duration read_time(const config::Node& node, std::string_view key, Duration absent, Duration least) {
  const Duration d = node.duration(key, to_seconds(absent));
  if (d.ns >= least.ns) return d;
  node.problem(key, fmt::format("wants {:.0f} s or more", to_seconds(least).value()));
  return absent;
}

}  // namespace

double Target::of(const metrics::Summary& ttft_s, const metrics::Summary& tpot_s, double speed) const {
  if (metric == Metric::kOutputSpeed) return speed;
  const metrics::Summary& latency = metric == Metric::kTtft ? ttft_s : tpot_s;
  for (const metrics::SummaryFigure& f : metrics::kSummaryFigures)
    if (f.quantile == quantile) return latency.*f.value;
  return latency.mean;
}

Planning read_planning(const config::Node& node) {
  constexpr Duration kMinute{60 * kNsPerSecond}, kSlot{300 * kNsPerSecond};
  Planning p;
  p.targets = read_targets(node.object("targets"));
  constexpr std::array<std::string_view, 2> kLoads = {"highest_minute", "mean"};
  p.load = node.choice("load", kLoads, "highest_minute") == "mean" ? PlannedLoad::kMean
                                                                   : PlannedLoad::kHighestMinute;
  p.interval = read_time(node, "interval", p.interval, kSlot);
  if (kNsPerHour * 24 % p.interval.ns != 0 || p.interval.ns % kMinute.ns != 0)
    node.problem("interval", "wants whole minutes that divide a day, such as \"30 min\"");
  p.hold = read_time(node, "hold", p.hold, {});
  p.headroom = node.number("headroom", p.headroom);
  if (!(p.headroom >= 0.0 && p.headroom <= 10.0))
    node.problem("headroom", "wants a share of the load, 0.1 for a tenth more"), p.headroom = 0.0;
  p.spare = read_units(node, "spare_units", p.spare);
  p.units_max = read_units(node, "units_max", p.units_max);
  if (p.units_max.prefill <= p.spare.prefill || p.units_max.decode <= p.spare.decode)
    node.problem("units_max", "leaves no unit beside those to spare");
  p.trial_warm_up = read_time(node, "trial_warm_up", p.trial_warm_up, {});
  p.trial_window = read_time(node, "trial_window", p.trial_window, kMinute);
  return p;
}

}  // namespace tideline::scenario
