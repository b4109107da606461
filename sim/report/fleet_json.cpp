#include "sim/report/fleet_json.h"

#include <algorithm>
#include <array>
#include <span>

#include "sim/finance/ledger.h"
#include "sim/report/columns.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using metrics::Minute;

std::span<const Minute> part(const std::vector<Minute>& minutes, std::size_t from, std::size_t count) {
  return std::span(minutes).subspan(from, std::min(count, minutes.size() - from));
}

// `committed`: nodes that are paid for round the clock.
Json nodes_of(const finance::Held& h, std::int64_t committed) {
  using finance::NodeState;
  const auto in = [](const finance::ByState& nodes, NodeState state) {
    return nodes[static_cast<std::size_t>(state)];
  };
  const auto both = [&](NodeState state) { return in(h.prefill, state) + in(h.decode, state); };
  return {
      {"prefill_serving", in(h.prefill, NodeState::kServing)},
      {"decode_serving", in(h.decode, NodeState::kServing)},
      {"draining", both(NodeState::kDraining)},
      {"starting", both(NodeState::kStarting)},
      {"down", both(NodeState::kDown)},
      {"maintenance", both(NodeState::kMaintenance)},
      {"standby", both(NodeState::kStandby)},
      {"freed", std::max<std::int64_t>(committed - finance::total(h.prefill) - finance::total(h.decode), 0)}};
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
  const auto committed =
      static_cast<std::int64_t>(r.scenario.terms.committed().of(static_cast<double>(r.statement.nodes_peak)));
  Json out = Json::array();
  for (const finance::Held& h : finance::held_nodes(r.scenario.fleet, r.totals)) {
    if (h.from.ns >= r.scenario.window.ns) break;
    if (h.from.ns <= 0) out.clear();  // what holds at the start is the last that came before
    const Instant from{std::max<std::int64_t>(h.from.ns, 0)};
    out.push_back({{"from_s", to_seconds(from - Instant{}).value()}});
    out.back().update(nodes_of(h, committed));
  }
  return out;
}

}  // namespace tideline::report
