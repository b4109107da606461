#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "sim/report/numbers.h"
#include "sim/report/plan_report.h"

namespace tideline::report {
namespace {

using plan::Interval;
using plan::Measure;
using plan::Plan;
using scenario::Target;

std::string amount(const Target& t, double value) {
  switch (t.metric) {
    case Target::Metric::kOutputSpeed:
      return fmt::format("{:.1f} tok/s", value);
    case Target::Metric::kTpot:
      return fmt::format("{:.1f} ms", value * 1e3);
    case Target::Metric::kTtft:
      break;
  }
  return fmt::format("{:.2f} s", value);
}

std::string told(const Measure& m) {
  return m.target.key + (m.is_known() ? " " + amount(m.target, m.value) : ": most are not answered");
}

constexpr std::string_view kLeast = "one unit is the least";

// What would happen in a step with a unit less than serve; and why it serves, where that keeps every target.
std::string unit_less(std::span<const Interval> step, Phase side, const plan::Units& spare) {
  if (step.front().units.of(side) < 2) return std::string(kLeast);
  const auto& less = step.front().less(side);
  if (!less) return "nobody comes";
  if (!less->measure.met()) return told(less->measure);
  const auto is_added = [&](const Interval& i) { return i.added.of(side) > 0; };
  const auto is_held = [&](const Interval& i) {
    return i.needs(side).units + spare.of(side) < i.units.of(side);
  };
  const std::string_view why = std::ranges::any_of(step, is_added)  ? "; added for the day"
                               : std::ranges::all_of(step, is_held) ? "; not given back so soon"
                               : spare.of(side) > 0                 ? "; a spare one"
                                                                    : "";
  return told(less->measure) + ", kept" + std::string(why);
}

std::string stairs(const Plan& p) {
  struct Row {
    std::string begin, prefill, decode;
  };
  const fleet::Fleet& f = p.scenario.fleet;
  std::vector<Row> rows;
  rows.push_back({fmt::format("  {:<7}{:>12}{:>9}{:>8}{:>8}   ", "from", "requests/s", "prefill", "decode",
                              "nodes"),
                  "a prefill unit less", "a decode unit less"});
  for (const auto& [begin, end] : plan::steps(p.intervals)) {
    const Interval& at = p.intervals[begin];
    const std::span step(&at, end - begin);
    const plan::Units& spare = p.scenario.planning->spare;
    const double rate = std::ranges::max_element(step, {}, &Interval::rate)->rate;
    rows.push_back({fmt::format("  {:<7}{:>12}{:>9}{:>8}{:>8}   ", local_clock(p.scenario, at.from),
                                rate < 10.0 ? fmt::format("{:.3g}", rate) : fmt::format("{:.0f}", rate),
                                at.units.prefill, at.units.decode,
                                f.prefill_nodes({at.from, at.units.prefill, at.units.decode}) +
                                    f.decode_nodes({at.from, at.units.prefill, at.units.decode})),
                    unit_less(step, Phase::kPrefill, spare), unit_less(step, Phase::kDecode, spare)});
  }
  std::size_t width = kLeast.size();  // the same where no step has one
  for (const Row& row : rows) width = std::max(width, row.prefill.size());
  std::string out;
  for (const auto& [begin, prefill, decode] : rows)
    out += fmt::format("{}{:<{}}   {}\n", begin, prefill, width, decode);
  return out;
}

std::string totals(const Plan& p) {
  const double hours = to_seconds(p.scenario.window).value() / 3600.0;
  return fmt::format(
      "\n  node-hours {:.0f}: prefill {:.0f} (mean {:.2f} nodes), decode {:.0f} (mean {:.2f} nodes); mean "
      "{:.2f} "
      "nodes\n",
      p.node_hours_prefill + p.node_hours_decode, p.node_hours_prefill, p.node_hours_prefill / hours,
      p.node_hours_decode, p.node_hours_decode / hours, (p.node_hours_prefill + p.node_hours_decode) / hours);
}

std::string growth(const Plan& p) {
  if (p.holds_decode <= 0.0) return "";
  return fmt::format(
      "  growth until the units of the most load are exhausted: prefill {:+.0f} %, decode {:+.0f} %\n",
      100.0 * (p.holds_prefill - 1.0), 100.0 * (p.holds_decode - 1.0));
}

std::string loss(const plan::Loss& l) {
  std::string out = fmt::format("  a {} unit lost at the most load:", to_string(l.side));
  for (const Measure& m : l.outcome.measures)
    out += fmt::format(" {}{};", told(m), m.met() ? "" : " (missed)");
  out.back() = '\n';
  return out;
}

std::string day(const Plan& p) {
  if (!p.day) return "\nthe day was not run on this plan\n";
  const auto value = [&](std::string_view key) {
    return scenario::value_of(p.day->figures, key);
  };
  const metrics::Summary& ttft = p.day->whole.ttft_s;
  std::string out = fmt::format(
      "\nThe day, run on this plan{}: output speed {} tok/s, TTFT p50 {} s and p99 {} s, cost "
      "{:.0f} USD, {}\n",
      p.raised > 0 ? fmt::format(" (units added {} times)", p.raised) : "",
      fixed(value("output_speed_tok_s_user"), 1), fixed(ttft.at(&metrics::Summary::p50), 2),
      fixed(ttft.at(&metrics::Summary::p99), 2), value("cost_usd").value_or(0.0),
      cost_profit_ratio_text(value("cost_profit_ratio")));
  if (p.missed.empty()) return out + "every hour keeps every target\n";
  out += "missed:";
  for (const plan::Missed& m : p.missed)
    out +=
        fmt::format(" {} {} {:.4g};", local_clock(p.scenario, m.from), m.measure.target.key, m.measure.value);
  out.back() = '\n';
  return out;
}

std::string ways_out(const Plan& p) {
  const plan::NotWithin& n = *p.not_within;
  const std::string kind(to_string(n.side));
  const Measure& m = n.attained;
  const std::string wanted = amount(m.target, m.target.limit);
  const std::string at = local_clock(p.scenario, n.from);
  std::string out = fmt::format("infeasible: {} {} units are allowed, and at {} ", n.units, kind, at);
  std::vector<std::string> ways;
  if (m.is_known()) {
    const std::string given = amount(m.target, m.value);
    out += fmt::format("they give {} {} where {} is wanted\n", m.target.key, given, wanted);
    ways.push_back(fmt::format("accept {} {} instead of {}", m.target.key, given, wanted));
  } else {
    out += fmt::format("they leave most requests unanswered, where {} {} is wanted\n", m.target.key, wanted);
  }
  if (!n.load_held)
    ways.push_back(fmt::format("allow more {} units (plan.units_max.{})", kind, kind));
  else if (*n.load_held > 0.0)
    ways.push_back(fmt::format(
        "allow about {:.0f} {} units (plan.units_max.{}): {} hold {:.0f} % of that load",
        std::ceil(static_cast<double>(n.units) / *n.load_held), kind, kind, n.units, 100.0 * *n.load_held));
  for (std::size_t i = 0; i < ways.size(); ++i) out += fmt::format("  {}{}\n", i > 0 ? "or " : "", ways[i]);
  if (n.load_held && *n.load_held <= 0.0) out += "  more units would not help: an idle one is no better\n";
  return out;
}

}  // namespace

std::string plan_text(const Plan& p) {
  std::string out = p.scenario.question + "\n\n";
  out += "Targets of every interval:";
  for (const Target& t : p.scenario.planning->targets)
    out += fmt::format(" {} {} {};", t.key, t.metric == Target::Metric::kOutputSpeed ? "at least" : "at most",
                       amount(t, t.limit));
  out.back() = '\n';
  out += "\n";
  if (p.not_within) return out + ways_out(p);
  out += stairs(p) + totals(p) + growth(p);
  for (const plan::Loss& l : p.losses) out += loss(l);
  return out + day(p) + fmt::format("{} trials\n", p.trials);
}

}  // namespace tideline::report
