#include <nlohmann/json.hpp>

#include "sim/report/numbers.h"
#include "sim/report/parts_json.h"
#include "sim/report/plan_report.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using plan::Measure;
using plan::Plan;

// `value` is null where most requests were not answered.
Json measure_json(const Measure& m) {
  return {{"target", m.target.key},
          {"limit", m.target.limit},
          {"value", m.is_known() ? Json(m.value) : Json(nullptr)},
          {"met", m.met()}};
}

// The same, and the load that it was seen under.
Json measure_json(const Measure& m, double rate) {
  Json out = measure_json(m);
  out["at_requests_per_s"] = rate;
  return out;
}

// `added`: units that are beside them because the day missed a target. With one unit less than needed: under
// this load or a lesser one.
Json need_json(const plan::Need& n, std::int64_t added) {
  Json out{{"units", n.units}, {"added_for_the_day", added}, {"holds_to_requests_per_s", n.holds_to}};
  out["with_one_less"] = n.decides.target.limit > 0.0 ? measure_json(n.decides, n.fails_at) : Json(nullptr);
  return out;
}

Json intervals_json(const Plan& p) {
  const fleet::Fleet& f = p.scenario.fleet;
  const auto nodes = [&](std::int64_t prefill_units, std::int64_t decode_units) {
    return prefill_units * f.prefill.unit.nodes + decode_units * f.decode.unit.nodes;
  };
  Json out = Json::array();
  for (const plan::Interval& i : p.intervals) {
    out.push_back({{"from", local_clock(p.scenario, i.from)},
                   {"requests_per_s", i.rate},
                   {"prefill_units", i.units.prefill},
                   {"decode_units", i.units.decode},
                   {"nodes_provided", nodes(i.units.prefill, i.units.decode)},
                   {"nodes_needed", nodes(i.prefill.units, i.decode.units)},
                   {"needs_prefill", need_json(i.prefill, i.added.prefill)},
                   {"needs_decode", need_json(i.decode, i.added.decode)}});
    // Where a step begins: of all that serve.
    for (const Phase side : {Phase::kPrefill, Phase::kDecode})
      if (const auto& less = i.less(side))
        out.back()["serving_one_less"][std::string(to_string(side))] =
            measure_json(less->measure, less->rate);
  }
  return out;
}

// One local day, from the entries of a schedule within it.
Json schedule_json(const Plan& p) {
  Json out = Json::array();
  const auto& steps = p.scenario.fleet.schedule;
  const auto entry = [&](const fleet::ScheduleStep& s, Instant at) {
    out.push_back({{"from", local_clock(p.scenario, at)},
                   {"prefill_units", s.prefill_units},
                   {"decode_units", s.decode_units}});
  };
  const fleet::ScheduleStep* at_start = nullptr;
  for (const fleet::ScheduleStep& s : steps)
    if (s.from.ns <= 0) at_start = &s;
  if (at_start != nullptr) entry(*at_start, Instant{});
  for (const fleet::ScheduleStep& s : steps)
    if (s.from.ns > 0 && s.from.ns < 24 * kNsPerHour) entry(s, s.from);
  return out;
}

}  // namespace

std::string plan_json(const Plan& p) {
  const scenario::Planning& terms = *p.scenario.planning;
  Json out{{"question", p.scenario.question}, {"feasible", !p.not_within.has_value()}, {"trials", p.trials}};
  out["targets"] = Json::object();
  for (const auto& t : terms.targets) out["targets"][t.key] = t.limit;
  out["headroom"] = terms.headroom;
  if (p.not_within) {
    const plan::NotWithin& n = *p.not_within;
    out["not_within"] = {{"side", to_string(n.side)},
                         {"from", local_clock(p.scenario, n.from)},
                         {"units", n.units},
                         {"attained", measure_json(n.attained)},
                         {"share_of_load_held", or_null(n.load_held)}};
    return out.dump(2) + "\n";
  }
  out["intervals"] = intervals_json(p);
  out["schedule"] = schedule_json(p);
  const double hours = to_seconds(p.scenario.window).value() / 3600.0;
  out["node_hours_prefill"] = p.node_hours_prefill;
  out["node_hours_decode"] = p.node_hours_decode;
  out["nodes_mean_prefill"] = p.node_hours_prefill / hours;
  out["nodes_mean_decode"] = p.node_hours_decode / hours;
  if (p.holds_decode > 0.0)
    out["load_held_over_most_load"] = {{"prefill", p.holds_prefill}, {"decode", p.holds_decode}};
  out["unit_lost_at_most_load"] = Json::object();
  for (const plan::Loss& l : p.losses) {
    Json measures = Json::array();
    for (const Measure& m : l.outcome.measures) measures.push_back(measure_json(m));
    out["unit_lost_at_most_load"][std::string(to_string(l.side))] = measures;
  }
  out["units_raised"] = p.raised;
  out["missed"] = Json::array();
  for (const plan::Missed& m : p.missed) {
    Json missed = measure_json(m.measure);
    missed["from"] = local_clock(p.scenario, m.from);
    out["missed"].push_back(missed);
  }
  if (p.day)
    for (const scenario::Figure& f : p.day->figures) out["day"][std::string(f.key)] = or_null(f.value);
  return out.dump(2) + "\n";
}

std::string planned_schedule(const Plan& p) {
  return schedule_json(p).dump();
}

}  // namespace tideline::report
