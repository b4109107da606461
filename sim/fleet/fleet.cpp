#include "sim/fleet/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "sim/base/clock.h"
#include "sim/config/choose.h"
#include "sim/fleet/read_availability.h"

namespace tideline::fleet {
namespace {

constexpr std::int64_t kBlockTokensMax = 4096;
constexpr double kExchangeShareMax = 0.99;
constexpr BytesPerSecond kRateMin(1e6);  // below, a long prompt's cache takes weeks

// The schedule of one local day, repeated over the window and the load before and after it.
std::vector<ScheduleStep> read_schedule(const config::Node& node, std::int64_t first_minute,
                                        Duration window) {
  std::vector<ScheduleStep> day;
  for (const config::Node& entry : node.list("schedule")) {
    const Instant from{entry.clock("from") % kMinutesPerDay};
    if (std::ranges::find(day, from, &ScheduleStep::from) != day.end())
      entry.problem("from", fmt::format("another entry is from {} on, too", clock_text(from.ns)),
                    "one entry for each time of day");
    day.push_back({from, entry.count("prefill_units"), entry.count("decode_units")});
    if (day.back().prefill_units == 0 || day.back().decode_units == 0)
      entry.problem("", "at least one prefill and one decode unit must serve at all times");
    limit_units(entry, "", std::max(day.back().prefill_units, day.back().decode_units));
  }
  if (day.empty()) {
    node.problem("schedule", "wants at least one entry: which units serve from when");
    return {{Instant{-kNsPerHour * 24}, 1, 1}};
  }
  std::stable_sort(day.begin(), day.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  std::vector<ScheduleStep> steps;
  const std::int64_t days = window.ns / (kMinutesPerDay * kNsPerMinute) + 3;
  for (std::int64_t d = -2; d < days; ++d)
    for (ScheduleStep s : day) {
      s.from.ns = (s.from.ns + d * kMinutesPerDay - first_minute) * kNsPerMinute;
      steps.push_back(s);
    }
  return steps;
}

void check_weights(const config::Node& node, const step::Unit& unit, double reserve) {
  if (unit.kv_capacity_tokens(reserve) >= 1.0) return;
  const double memory = unit.node.gpu.memory.value() * 1e-9;
  node.problem(
      "nodes",
      fmt::format(
          "the weights of {} leave no room for KV cache: {:.1f} GB a GPU of {:.1f} GB, {:.1f} GB with "
          "{:.0f} % kept for activations and buffers",
          unit.llm.name, unit.weights_per_gpu().value() * 1e-9, memory, memory * (1.0 - reserve),
          reserve * 100.0));
}

// "scaling": {"kind": "schedule"} or {"kind": "reactive" or "forecast", "signal", "target", "every", "calm",
// "units_min", "units_max"}; a forecast looks "ahead". `signals` and `start_up`: those of this kind of unit.
template <class Signals>
policy::ScalingSettings read_scaling(const config::Node& unit, const Signals& signals, Duration start_up) {
  policy::ScalingSettings s;
  const std::optional<config::Node> node = unit.optional_object("scaling");
  if (!node) return s;
  s.kind = config::choose(*node, "kind", policy::kScalings);
  if (!s.by_load()) return s;
  s.signal = config::choose(*node, "signal", signals, std::string(signals.front().name));
  s.target = node->number("target");
  if (!(s.target > 0.0)) node->problem("target", "wants a number above 0"), s.target = 1.0;
  s.every = node->duration("every", Seconds(60.0));
  if (s.every.ns < kNsPerSecond) node->problem("every", "wants a second or more"), s.every.ns = kNsPerSecond;
  s.calm = node->duration("calm", Seconds(600.0));
  if (s.kind == policy::ScalingKind::kForecast)
    s.ahead = node->duration("ahead", to_seconds(start_up + s.every));
  s.units_min = node->positive("units_min", 1);
  s.units_max = node->positive("units_max");
  limit_units(*node, "units_max", s.units_max);
  if (s.units_max < s.units_min) {
    node->problem("units_max", fmt::format("is below units_min, {}", s.units_min));
    s.units_max = s.units_min;
  }
  return s;
}

double read_exchange_share(const config::Node& unit, double absent) {
  const double share = unit.fraction("exchange_share", absent);
  if (share <= kExchangeShareMax) return share;
  unit.problem("exchange_share",
               fmt::format("at most {}: else no KV cache would ever arrive", kExchangeShareMax));
  return 0.0;
}

PrefillSettings read_prefill(const config::Node& node, const catalog::Llm& llm, const catalog::NodeType& type,
                             const Simulated& simulated) {
  PrefillSettings p;
  p.unit = step::read_unit(node, step::Phase::kPrefill, llm, type);
  p.tokens_per_gpu = node.positive("tokens_per_gpu", p.tokens_per_gpu);
  p.attended_per_token = node.positive("attended_per_token", p.attended_per_token);
  p.availability = read_availability(node, simulated);
  p.scaling = read_scaling(node, policy::kPrefillSignals, p.availability.start_up);
  p.memory_reserve = node.fraction("memory_reserve", step::usual_memory_reserve(p.unit.phase));
  p.exchange_share = read_exchange_share(node, 0.3);
  check_weights(node, p.unit, p.memory_reserve);
  p.balancer = config::choose(node, "balancer", policy::kPrefillBalancers, "least_work");
  return p;
}

DecodeSettings read_decode(const config::Node& node, const catalog::Llm& llm, const catalog::NodeType& type,
                           const Simulated& simulated) {
  DecodeSettings d;
  d.unit = step::read_unit(node, step::Phase::kDecode, llm, type);
  const bool drafts = d.unit.draft_tokens > 0;
  const double acceptance = node.fraction("draft_acceptance", drafts ? std::nullopt : std::optional(0.0));
  d.draft_acceptance = drafts ? acceptance : 0.0;
  d.memory_reserve = node.fraction("memory_reserve", step::usual_memory_reserve(d.unit.phase));
  d.kv_block_tokens = node.positive("kv_block_tokens", d.kv_block_tokens);
  if (d.kv_block_tokens > kBlockTokensMax ||
      !std::has_single_bit(static_cast<std::uint64_t>(d.kv_block_tokens))) {
    node.problem("kv_block_tokens", fmt::format("wants a power of two, at most {} tokens", kBlockTokensMax));
    d.kv_block_tokens = 1;
  }
  d.admission.kind = config::choose(node, "admission", policy::kAdmissions, "whole_answer");
  if (d.admission.kind == policy::Admission::kPromptOnly)
    d.admission.watermark = node.fraction("watermark", d.admission.watermark);
  else
    (void)node.has("watermark");  // known, without effect
  d.balancer = config::choose(node, "balancer", policy::kDecodeBalancers, "least_loaded");
  d.request_weight = static_cast<double>(node.count("request_weight", 4096));
  if (d.unit.draft_tokens > 1) node.problem("draft_tokens", "more than one drafted token is not modelled");
  d.exchange_share = read_exchange_share(node, 0.4);
  d.availability = read_availability(node, simulated);
  d.scaling = read_scaling(node, policy::kDecodeSignals, d.availability.start_up);
  check_weights(node, d.unit, d.memory_reserve);
  return d;
}

std::int64_t units_most(const Fleet& fleet, std::int64_t ScheduleStep::*units,
                        const policy::ScalingSettings& scaling) {
  std::int64_t most = scaling.by_load() ? scaling.units_max : 0;
  for (const ScheduleStep& s : fleet.schedule) most = std::max(most, s.*units);
  return most;
}

}  // namespace

void limit_units(const config::Node& node, std::string_view key, std::int64_t units) {
  if (units > kUnitsMax) node.problem(key, fmt::format("at most {} units of a kind", kUnitsMax));
}

NodeTime node_time(const Fleet& fleet, Instant from, Instant to) {
  NodeTime total;
  for (std::size_t i = 0; i < fleet.schedule.size(); ++i) {
    const ScheduleStep& s = fleet.schedule[i];
    const Instant end = i + 1 < fleet.schedule.size() ? fleet.schedule[i + 1].from : to;
    const std::int64_t ns = (std::min(end, to) - std::max(s.from, from)).ns;
    if (ns <= 0) continue;
    total.prefill_ns += ns * fleet.prefill_nodes(s);
    total.decode_ns += ns * fleet.decode_nodes(s);
    total.peak_nodes = std::max(total.peak_nodes, fleet.prefill_nodes(s) + fleet.decode_nodes(s));
  }
  return total;
}

Fleet read_fleet(const config::Node& scenario, const catalog::Llm& llm, const catalog::NodeType& node,
                 const Simulated& simulated, bool to_be_planned) {
  Fleet fleet;
  fleet.prefill = read_prefill(scenario.object("prefill"), llm, node, simulated);
  fleet.decode = read_decode(scenario.object("decode"), llm, node, simulated);
  fleet.prefill.unit.draft_tokens = fleet.decode.unit.draft_tokens;
  const config::Node settings = scenario.object("fleet");
  if (!to_be_planned || (settings.has("schedule") && !settings.is_null("schedule")))
    fleet.schedule = read_schedule(settings, simulated.start.first_minute, simulated.window);
  else
    settings.ignore("schedule");
  if (!fleet.schedule.empty()) {
    check_units(scenario.object("prefill"), fleet.prefill.availability,
                units_most(fleet, &ScheduleStep::prefill_units, fleet.prefill.scaling));
    check_units(scenario.object("decode"), fleet.decode.availability,
                units_most(fleet, &ScheduleStep::decode_units, fleet.decode.scaling));
  }
  // Assumed where a scenario does not say: 80 % of one NIC, range 60-95 %: what one-sided writes of pages
  // reach.
  fleet.transfer_rate = settings.quantity<BytesPerSecond>("transfer_rate", node.nic * 0.8);
  if (fleet.transfer_rate < kRateMin) settings.problem("transfer_rate", "no KV cache would ever arrive");
  fleet.transfer = config::choose(settings, "transfer", policy::kTransfers, "after");
  fleet.storage = config::choose(settings, "storage", policy::kStorages, "own_network");
  fleet.prefill.cache_read_rate = settings.quantity<BytesPerSecond>("cache_read_rate", node.storage);
  if (fleet.prefill.cache_read_rate < kRateMin)
    settings.problem("cache_read_rate", "no cached prefix would ever be read");
  fleet.prefill.memory_read_rate = settings.quantity<BytesPerSecond>(
      "memory_read_rate", BytesPerSecond(50e9) * static_cast<double>(node.gpus));
  if (fleet.prefill.memory_read_rate < kRateMin)
    settings.problem("memory_read_rate", "no cached prefix would ever be read");
  return fleet;
}

}  // namespace tideline::fleet
