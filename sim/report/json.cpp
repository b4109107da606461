#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/base/digest.h"
#include "sim/report/fleet_json.h"
#include "sim/report/ledger_json.h"
#include "sim/report/parts_json.h"
#include "sim/report/report.h"
#include "sim/report/result_sections.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

// Of something that takes time; 0: there was none.
Json unless_none(double seconds, double value) {
  return seconds > 0.0 ? Json(value) : Json();
}

Json summary_json(const metrics::Summary& s) {
  Json out;
  for (const metrics::SummaryFigure& f : metrics::kSummaryFigures)
    out[std::string(f.name)] = or_null(s.at(f.value));
  return out;
}

Json requests_json(const metrics::TokenCounts& t) {
  Json out{{"requests", t.requests}};
  out.update(tokens_json(t));
  return out;
}

// Latencies, speed and SLOs of a part of the load.
void add_service(Json& out, const scenario::Service& s, bool slos) {
  out["queue_s"] = summary_json(s.queue_s);
  out["ttft_s"] = summary_json(s.ttft_s);
  out["decode_wait_s"] = summary_json(s.decode_wait_s);
  out["tpot_s"] = summary_json(s.tpot_s);
  out["itl_s"] = summary_json(s.itl_s);
  out["e2e_s"] = summary_json(s.e2e_s);
  out["output_speed_tok_s_user"] = or_null(s.output_speed());
  out["offered_requests"] = s.slo.offered;
  out["rejected_requests"] = s.set_backs.rejected;
  out["unfinished_requests"] = s.unfinished();
  out["preemptions"] = s.set_backs.preempted;
  out["retries"] = s.set_backs.retried;
  if (!slos) return;
  out["slo"] = {{"attained", s.slo.share()},
                {"good_requests", s.slo.good},
                {"goodput_requests_s", s.goodput_requests_s},
                {"goodput_output_tok_s", s.goodput_output_tok_s},
                {"missed",
                 {{"ttft", s.slo.ttft_missed},
                  {"tpot", s.slo.tpot_missed},
                  {"e2e", s.slo.e2e_missed},
                  {"not_answered", s.slo.offered - s.tokens.requests}}}};
}

Json headlines(const scenario::Result& r) {
  Json summary;
  for (const scenario::Figure& f : r.figures) summary[std::string(f.key)] = figure_json(f);
  add_service(summary, r.whole, r.scenario.slos.has_value());
  summary["latency_relative_error"] = metrics::Histogram::kRelativeError;
  summary["cost_per_million_input_miss_usd"] = or_null(r.statement.cost_per_million_miss);
  summary["cost_per_million_output_usd"] = or_null(r.statement.cost_per_million_output);
  summary["prefill_pass_s"] = unless_none(r.prefill_pass_s, r.prefill_pass_s);
  summary["prefill_budget_fill"] = unless_none(r.prefill_pass_s, r.prefill_budget_fill);
  summary["prefill_work_fill"] = unless_none(r.prefill_pass_s, r.prefill_work_fill);
  summary["decode_requests_per_gpu"] = r.decode_requests_per_gpu;
  summary["decode_step_s"] = unless_none(r.decode_step_s, r.decode_step_s);
  summary["kv_fill_max"] = r.totals.kv_fill_max;
  summary["saturated"] = r.saturated();
  if (const auto over = scenario::trace_over(r.scenario))
    summary["trace_over_s"] = to_seconds(*over - Instant{}).value();
  return summary;
}

Json hours(const scenario::Result& r) {
  Json out = Json::array();
  for (std::size_t i = 0; i < r.hours.size(); ++i) {
    const scenario::HourResult& h = r.hours[i];
    Json hour = {
        {"local_hour", h.local_hour}, {"nodes_prefill", h.nodes_prefill}, {"nodes_decode", h.nodes_decode}};
    hour["tokens"] = requests_json(h.service.tokens);
    hour["revenue_usd"] = revenue_json(h.money.revenue);
    hour["cost_usd"] = {{"prefill", h.money.cost.of_prefill().usd()},
                        {"decode", h.money.cost.of_decode().usd()},
                        {"freed", h.money.cost.of_freed().usd()},
                        {"total", h.money.cost.total().usd()}};
    add_service(hour, h.service, r.scenario.slos.has_value());
    hour["offered_requests_s"] = static_cast<double>(h.service.slo.offered) / to_seconds(h.length).value();
    hour["use"] = use_json(r, i);
    out.push_back(std::move(hour));
  }
  return out;
}

Json classes(const scenario::Result& r) {
  Json out = Json::object();
  for (std::size_t i = 0; i < r.by_class.size(); ++i) {
    Json& c = out[r.scenario.workload.classes[i].name()] = requests_json(r.by_class[i].tokens);
    add_service(c, r.by_class[i], r.scenario.slos.has_value());
  }
  return out;
}

// What was asked of each class, and whether it held.
Json slos(const scenario::Result& r) {
  const auto limit = [](Duration at_most) {
    return at_most == metrics::kNoLimit ? Json(nullptr) : Json(to_seconds(at_most).value());
  };
  Json out{{"share", r.scenario.slos->share}, {"holds", r.slo_holds()}};
  for (std::size_t i = 0; i < r.by_class.size(); ++i) {
    const metrics::Slo& slo = r.scenario.slos->by_class[i];
    out["classes"][r.scenario.workload.classes[i].name()] = {
        {"ttft_s", limit(slo.ttft)}, {"tpot_s", limit(slo.tpot)}, {"e2e_s", limit(slo.e2e)}};
  }
  return out;
}

// How far the headlines may be off, and by what: shares of the width of each.
Json bands(const scenario::Result& r) {
  const scenario::Bands& b = r.bands;
  Json out{{"draws", b.draws}, {"saturated_share", b.saturated}, {"not_kept_share", b.not_kept}};
  for (const scenario::Source& s : b.sources)
    out["sources"].push_back({{"name", s.name}, {"stands_on", s.stands_on}});
  for (const scenario::Band& band : b.figures)
    out["figures"][std::string(band.figure->key)] = {
        {"at", band.figure->given_nodes ? "these nodes" : "nodes that keep its service"},
        {"p10", band.p10},
        {"p50", band.p50},
        {"p90", band.p90},
        {"shares", band.shares}};
  out["node_hours_a_token"] = b.node_hours_a_token;
  return out;
}

Json felt(const metrics::Disturbance::Felt& f) {
  return {{"before_s", f.before},
          {"worst_s", f.worst},
          {"worst_minute", f.worst_at},
          {"back_minute", or_null(f.back)}};
}

// Minutes are those of the series.
Json disturbances(const scenario::Result& r) {
  Json out = Json::array();
  for (const metrics::Disturbance& d : r.disturbances)
    out.push_back({{"lost_minute", d.lost},
                   {"whole_minute", or_null(d.whole)},
                   {"first_token", felt(d.first_token)},
                   {"token", felt(d.token)}});
  return out;
}

Json growths(const scenario::Result& r) {
  Json out = Json::array();
  for (const metrics::Growth& g : r.growths)
    out.push_back({{"stage", to_string(g.stage)},
                   {"from_s", to_seconds(g.from).value()},
                   {"to_s", to_seconds(g.to).value()},
                   {"requests_first_third", g.first},
                   {"requests_last_third", g.last},
                   {"arrivals_between", g.arrivals},
                   {"share_of_load", g.overload()}});
  return out;
}

Json run_facts(const scenario::Result& r) {
  Digest scenario_digest;
  scenario_digest.add(r.scenario.effective);
  Json out{{"program", "tideline " TIDELINE_VERSION},
           {"seed", r.scenario.seed},
           {"scenario_digest", fmt::format("{:016x}", scenario_digest.value())},
           {"event_digest", fmt::format("{:016x}", r.totals.digest)},
           {"requests_simulated", r.totals.arrived},
           {"decode_steps", r.totals.decode_steps},
           {"prefill_passes", r.totals.prefill_passes},
           {"requests_moved", r.totals.moved},
           {"requests_preempted", r.totals.preempted},
           {"requests_retried", r.totals.retried},
           {"units_lost", r.totals.failures},
           {"units_maintained", r.totals.maintained},
           {"prefill_memory_fill_max", r.totals.prefill_fill_max},
           {"prefill_passes_held_up", r.totals.prefill_held_up},
           {"requests_that_waited_for_decode", r.totals.waited_for_decode},
           {"requests_rejected", r.totals.rejected},
           {"window_unfinished", r.totals.window_unfinished}};
  if (r.scenario.workload.prefix_caching.has_memory())
    out["prefix_memory_share"] = metrics::together(r.minutes).memory_share();
  return out;
}

}  // namespace

Json figure_json(const scenario::Figure& f) {
  if (!f.value) return nullptr;
  const double value = *f.value;
  if (f.decimals == 0 && value < 9e15 && value == static_cast<double>(static_cast<std::int64_t>(value)))
    return static_cast<std::int64_t>(value);
  if (f.unit == "Gtok") return static_cast<std::int64_t>(value);
  return value;
}

Json published_json(const PublishedFigures& published, const std::string& source) {
  Json out = Json::object();
  for (const scenario::Figure& f : scenario::summary_figures()) {
    const Comparison c = compare(published, f);
    if (c.published) out[std::string(f.key)] = c.low == c.high ? Json(c.low) : Json{c.low, c.high};
  }
  if (!source.empty()) out["source"] = source;
  return out;
}

Json result_section(const scenario::Result& r, std::string_view name) {
  if (name == "summary") return headlines(r);
  if (name == "bands") return bands(r);
  if (name == "classes") return classes(r);
  if (name == "run") return run_facts(r);
  return {};
}

std::string json(const scenario::Result& r) {
  Json out;
  out["question"] = r.scenario.question;
  out["start"] = r.scenario.start;
  out["time_zone"] = r.scenario.time_zone;
  out["service"] = service_json(r);
  out["summary"] = headlines(r);
  out["published"] = published_json(r.scenario.published, r.scenario.published_source);
  if (!r.bands.figures.empty()) out["bands"] = bands(r);
  out["hours"] = hours(r);
  out["classes"] = classes(r);
  if (r.scenario.slos) out["slo"] = slos(r);
  out["nodes"] = nodes_json(r);
  out["queues_that_grew"] = growths(r);
  if (!r.disturbances.empty()) out["disturbances"] = disturbances(r);
  out["run"] = run_facts(r);
  out["ledger"] = ledger_json(r.ledger);
  out["scenario"] = Json::parse(r.scenario.standalone);
  return out.dump(2) + "\n";
}

}  // namespace tideline::report
