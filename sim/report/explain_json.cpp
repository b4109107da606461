#include <nlohmann/json.hpp>

#include "sim/report/explain_report.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

Json choice_json(const fleet::ChosenFrom& c) {
  Json seen = Json::array();
  for (const auto& [number, load] : c.seen) seen.push_back({number, load});
  return {{"chosen", c.chosen}, {"seen", seen}};
}

double seconds(Instant t) {
  return to_seconds(t).value();
}
double seconds(Duration d) {
  return to_seconds(d).value();
}

struct ToJson {
  bool counts_prompts;  // of the prefill balancer: what its loads are

  Json operator()(const fleet::Queued& q) const {
    return {{"what", "queued"},
            {"at_s", seconds(q.at)},
            {"unit", q.units.chosen},
            {"prompts_ahead", q.ahead},
            {"pass_runs", q.busy},
            {"memory_full", q.full},
            {counts_prompts ? "prompts_of_units" : "can_begin_at_s", choice_json(q.units)}};
  }
  Json operator()(const fleet::NoUnit& n) const {
    return {{"what", "no_prefill_unit"}, {"at_s", seconds(n.at)}};
  }
  Json operator()(const fleet::HeldUp& h) const {
    return {{"what", "prefill_memory_full"},
            {"at_s", seconds(h.from)},
            {"until_s", seconds(h.to)},
            {"unit", h.unit},
            {"room_then", h.over}};
  }
  Json operator()(const fleet::InPass& p) const {
    return {{"what", "pass"},       {"at_s", seconds(p.from)}, {"until_s", seconds(p.to)},
            {"unit", p.unit},       {"tokens", p.tokens},      {"tokens_left", p.left},
            {"prompts", p.prompts}, {"budget_used", p.fill}};
  }
  Json operator()(const fleet::Computed& c) const {
    return {{"what", c.again ? "computed_again" : "first_token"}, {"at_s", seconds(c.at)}};
  }
  Json operator()(const fleet::WaitsForRank& w) const {
    return {{"what", "waits_for_rank"}, {"at_s", seconds(w.at)}, {"ahead", w.ahead}};
  }
  Json operator()(const fleet::Placed& p) const {
    return {{"what", "placed"},
            {"at_s", seconds(p.at)},
            {"unit", p.units.chosen},
            {"rank", p.ranks.chosen},
            {"cache_there_at_s", seconds(p.ready)},
            {"load_of_units", choice_json(p.units)},
            {"load_of_ranks", choice_json(p.ranks)}};
  }
  Json operator()(const fleet::OnRank& r) const {
    const auto steps = static_cast<double>(r.steps);
    return {{"what", "steps"},
            {"at_s", seconds(r.from)},
            {"until_s", seconds(r.to)},
            {"unit", r.unit},
            {"rank", r.rank},
            {"steps", r.steps},
            {"step_mean_s", seconds(r.to - r.from) / steps},
            {"step_shortest_s", seconds(r.shortest)},
            {"step_longest_s", seconds(r.longest)},
            {"requests_on_rank", r.rank_requests / steps},
            {"requests_on_unit", r.unit_requests / steps},
            {"kv_of_rank", r.rank_kv / steps}};
  }
  Json operator()(const fleet::Displaced& d) const {
    constexpr std::array kWhy = {"prefill_unit_closes", "prefill_unit_lost", "decode_unit_closes",
                                 "decode_unit_lost",    "cache_lost",        "preempted"};
    return {{"what", kWhy[static_cast<std::size_t>(d.why)]}, {"at_s", seconds(d.at)}, {"unit", d.unit}};
  }
  Json operator()(const fleet::Ended& e) const { return {{"what", "last_token"}, {"at_s", seconds(e.at)}}; }
};

Json causes(const std::optional<scenario::TimeByCause>& times) {
  if (!times) return nullptr;
  Json out{{"total_s", seconds(scenario::total(*times))}};
  for (std::size_t c = 0; c < scenario::kCauses.size(); ++c)
    if ((*times)[c].ns != 0) out["by_cause_s"][std::string(scenario::kCauses[c].key)] = seconds((*times)[c]);
  return out;
}

}  // namespace

std::string explain_json(const scenario::Explanation& e) {
  const workload::Arrival& a = *e.tale.arrival();
  Json out{{"question", e.scenario.question},
           {"request", e.tale.request()},
           {"class", e.scenario.workload.classes[a.request_class].name()},
           {"arrival_s", seconds(a.at)},
           {"input_tokens", a.lengths.input},
           {"cached_tokens", a.lengths.cached},
           {"in_memory_tokens", a.lengths.in_memory},
           {"output_tokens", a.lengths.output},
           {"answered", e.causes.e2e.has_value()}};
  out["ttft"] = causes(e.causes.ttft);
  out["e2e"] = causes(e.causes.e2e);
  out["happened"] = Json::array();
  const ToJson told{policy::counts_prompts(e.scenario.fleet.prefill.balancer)};
  for (const fleet::Happening& h : e.tale.happenings()) out["happened"].push_back(std::visit(told, h));
  return out.dump(2) + "\n";
}

}  // namespace tideline::report
