#include "sim/report/fleet_json.h"

#include <algorithm>
#include <array>
#include <span>

#include "sim/report/columns.h"
#include "sim/report/numbers.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using metrics::Minute;

constexpr std::size_t kLinesMax = 300;

std::span<const Minute> part(const std::vector<Minute>& minutes, std::size_t from, std::size_t count) {
  return std::span(minutes).subspan(from, std::min(count, minutes.size() - from));
}

Json nodes_of(const scenario::Result& r, const Minute& m) {
  const fleet::Fleet& f = r.scenario.fleet;
  const auto both = [&](double prefill_units, double decode_units) {
    return prefill_units * static_cast<double>(f.prefill.unit.nodes) +
           decode_units * static_cast<double>(f.decode.unit.nodes);
  };
  const Minute::Units &p = m.prefill_units, &d = m.decode_units;
  const double spare = static_cast<double>(f.prefill.availability.spares + f.decode.availability.spares);
  const double held =
      both(p.serving + p.starting + p.down + p.draining, d.serving + d.starting + d.down + d.draining) +
      spare;
  return {{"prefill_serving", both(p.serving, 0.0)},
          {"decode_serving", both(0.0, d.serving)},
          {"draining", both(p.draining, d.draining)},
          {"starting", both(p.starting, d.starting)},
          {"down", both(p.down, d.down)},
          {"spare", spare},
          {"freed", std::max(0.0, static_cast<double>(r.statement.nodes_peak) - held)}};
}

Json nodes_in_stretches(const scenario::Result& r, std::size_t minutes) {
  Json out = Json::array();
  Json before;
  for (std::size_t i = 0; i < r.minutes.size(); i += minutes) {
    Json nodes = nodes_of(r, metrics::together(part(r.minutes, i, minutes)));
    if (nodes == before) continue;
    before = nodes;
    Json line{{"from", local_clock(r.scenario, {static_cast<std::int64_t>(i) * 60 * kNsPerSecond})},
              {"from_minute", i}};
    line.update(nodes);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

Json service_json(const scenario::Result& r) {
  const scenario::Scenario& s = r.scenario;
  return {{"model", s.llm.name},
          {"node", s.node.name},
          {"gpu", s.node.gpu.name},
          {"gpus_per_node", s.node.gpus},
          {"prefill_nodes_per_unit", s.fleet.prefill.unit.nodes},
          {"decode_nodes_per_unit", s.fleet.decode.unit.nodes},
          {"window_s", to_seconds(s.window).value()}};
}

Json use_json(const scenario::Result& r, std::size_t hour) {
  constexpr std::array kUse = {"prefill_budget_fill",       "prefill_busy", "decode_busy", "requests_per_gpu",
                               "requests_per_gpu_that_fit", "kv_mean",      "kv_fullest"};
  const Minute m = metrics::together(part(r.minutes, hour * 60, 60));
  Json out;
  for (const Column& c : columns(r))
    if (std::ranges::find(kUse, c.name) != kUse.end()) out[std::string(c.name)] = c.value(m);
  return out;
}

Json nodes_json(const scenario::Result& r) {
  for (const std::size_t minutes : {1, 5, 15})
    if (Json out = nodes_in_stretches(r, minutes); out.size() <= kLinesMax) return out;
  return nodes_in_stretches(r, 60);
}

}  // namespace tideline::report
