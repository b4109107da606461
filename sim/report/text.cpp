#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "sim/report/numbers.h"
#include "sim/report/report.h"

namespace tideline::report {
namespace {

constexpr std::size_t kClassesShown = 12;

std::string published_text(const scenario::Figure& f, const Comparison& c) {
  if (!c.published) return "";
  const std::string low = shown(f, c.low);
  return c.low == c.high ? low : low + " - " + shown(f, c.high);
}

std::string difference_text(const Comparison& c) {
  if (!c.published) return "";
  if (c.low != c.high && c.inside) return "inside";
  if (!c.relative) return "n/a";
  return fmt::format("{:+.2f} %", *c.relative * 100.0);
}

std::string headline(const scenario::Result& r) {
  std::string out = fmt::format("  {:<24}{:>22}{:>20}{:>12}\n", "", "predicted", "published", "difference");
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r.scenario.published, f);
    const std::string value = fmt::format("{} {:<5}", shown(f, f.value), f.unit);
    out +=
        fmt::format("  {:<24}{:>22}{:>20}{:>12}\n", f.label, value, published_text(f, c), difference_text(c));
  }
  return out;
}

// The sources that make most of a band: those of a tenth and more, at most three.
std::string mostly(const scenario::Bands& bands, const scenario::Band& band) {
  std::vector<std::size_t> order(band.shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t s) { return band.shares[s]; });
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 3); ++i) {
    if (band.shares[order[i]] < 0.1) break;
    out += fmt::format("{}{} {:.0f} %", i == 0 ? "" : ", ", bands.sources[order[i]].name,
                       100.0 * band.shares[order[i]]);
  }
  return out;
}

std::string bands(const scenario::Result& r) {
  const scenario::Bands& b = r.bands;
  if (b.figures.empty()) return "";
  std::string out;
  for (const bool given : {true, false}) {
    if (std::ranges::none_of(b.figures, [&](const auto& band) { return band.figure->given_nodes == given; }))
      continue;
    out += fmt::format("  {:<32}{:>10}{:>10}{:>10}  of its width\n",
                       given ? "at these nodes" : "with the nodes that keep it up", "P10", "P50", "P90");
    for (const scenario::Band& band : b.figures) {
      const scenario::BandedFigure& figure = *band.figure;
      if (figure.given_nodes != given) continue;
      const auto shown = [&](double value) { return grouped(value, figure.decimals); };
      out += fmt::format("    {:<30}{:>10}{:>10}{:>10}  {}\n",
                         fmt::format("{}{}{}", figure.label, figure.unit.empty() ? "" : ", ", figure.unit),
                         shown(band.p10), shown(band.p50), shown(band.p90), mostly(b, band));
    }
  }
  if (b.not_kept > 0.0)
    out += fmt::format("  in {} of the draws no number of nodes would keep that speed\n", share(b.not_kept));
  if (b.saturated > 0.0)
    out += fmt::format("  in {} of the draws these nodes would be too few\n", share(b.saturated));
  return out + "\n";
}

std::string latency_line(const char* name, const metrics::Summary& s, double scale, const char* unit) {
  using metrics::Summary;
  std::string out = fmt::format("  {:<11}", name);
  for (const auto figure : {&Summary::mean, &Summary::p50, &Summary::p90, &Summary::p95, &Summary::p99})
    out += fmt::format("{:>10}", fixed(s.at(figure), 2, scale));
  return fmt::format("{} {}\n", out, unit);
}

std::string latencies(const scenario::Result& r) {
  const scenario::Service& w = r.whole;
  return fmt::format("  {:<11}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "", "mean", "p50", "p90", "p95", "p99") +
         latency_line("queue", w.queue_s, 1.0, "s") + latency_line("TTFT", w.ttft_s, 1.0, "s") +
         latency_line("to decode", w.decode_wait_s, 1e3, "ms") + latency_line("TPOT", w.tpot_s, 1e3, "ms") +
         latency_line("ITL", w.itl_s, 1e3, "ms") + latency_line("E2E", w.e2e_s, 1.0, "s");
}

// "TTFT 5 s, TPOT 50 ms": what a class must keep.
std::string limits(const metrics::Slo& slo) {
  std::string out;
  for (const auto& [name, limit] :
       {std::pair{"TTFT", slo.ttft}, std::pair{"TPOT", slo.tpot}, std::pair{"E2E", slo.e2e}}) {
    if (limit == metrics::kNoLimit) continue;
    const double s = to_seconds(limit).value();
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name,
                       s < 1.0 ? fmt::format("{:.4g} ms", s * 1e3) : fmt::format("{:.4g} s", s));
  }
  return out.empty() ? "nothing" : out;
}

// One line a class where there are several.
std::string classes(const scenario::Result& r) {
  const std::size_t count = r.by_class.size();
  if (count < 2 || count > kClassesShown) return "";
  using metrics::Summary;
  const bool slos = r.scenario.slos.has_value();
  std::string out = fmt::format("\n  {:<16}{:>12}{:>12}{:>12}{:>12}{:>10}{}\n", "class", "requests",
                                "TTFT p50", "TTFT p99", "TPOT p99", "tok/s", slos ? "   keeps" : "");
  for (std::size_t i = 0; i < count; ++i) {
    const scenario::Service& s = r.by_class[i];
    out += fmt::format("  {:<16}{:>12}{:>10} s{:>10} s{:>9} ms{:>10}", r.scenario.workload.classes[i].name(),
                       grouped(static_cast<double>(s.tokens.requests), 0),
                       fixed(s.ttft_s.at(&Summary::p50), 2), fixed(s.ttft_s.at(&Summary::p99), 2),
                       fixed(s.tpot_s.at(&Summary::p99), 1, 1e3), fixed(s.output_speed(), 1));
    if (slos) out += fmt::format("{:>8} of {}", share(s.slo.share()), limits(r.scenario.slos->by_class[i]));
    out += "\n";
  }
  return out;
}

std::string goodput(const scenario::Result& r) {
  if (!r.scenario.slos) return "";
  const metrics::Attainment& a = r.whole.slo;
  const auto missed = [&](std::int64_t count) {
    return share(static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(a.offered, 1)));
  };
  std::int64_t unanswered = a.offered - r.whole.tokens.requests;
  return fmt::format(
      "\n  SLO: {} keep {}; {} must: {}\n"
      "  missed: TTFT {}, TPOT {}, E2E {}, not answered {}\n"
      "  goodput {:.1f} requests/s, {} tok/s of output\n",
      share(a.share()), r.by_class.size() > 1 ? "theirs" : limits(r.scenario.slos->by_class[0]),
      share(r.scenario.slos->share), r.slo_holds() ? "holds" : "missed", missed(a.ttft_missed),
      missed(a.tpot_missed), missed(a.e2e_missed), missed(unanswered), r.whole.goodput_requests_s,
      grouped(r.whole.goodput_output_tok_s, 0));
}

std::string money(const scenario::Result& r) {
  const auto& s = r.statement;
  const Money freed = s.cost.of_freed();
  return fmt::format(
      "  prefill nodes ${} + decode nodes ${}{}; {} per million input misses, {} per million outputs\n",
      grouped(s.cost.of_prefill().usd(), 2), grouped(s.cost.of_decode().usd(), 2),
      freed == Money{} ? "" : fmt::format(" + freed nodes ${}", grouped(freed.usd(), 2)),
      usd_text(s.cost_per_million_miss), usd_text(s.cost_per_million_output));
}

std::string clock(const scenario::Result& r, std::size_t minute) {
  return local_clock(r.scenario, Instant{static_cast<std::int64_t>(minute) * 60 * kNsPerSecond});
}

std::string felt(const scenario::Result& r, std::string_view what, const metrics::Disturbance::Felt& felt,
                 double scale, std::string_view unit) {
  const std::string before = fmt::format("    {:<14}{:>8.1f} {}", what, felt.before * scale, unit);
  if (felt.worst == 0.0) return before + ", and no longer after the loss\n";
  return fmt::format("{}, at worst {:.1f} {} ({}), {}\n", before, felt.worst * scale, unit,
                     clock(r, felt.worst_at),
                     felt.back ? "as before from " + clock(r, *felt.back) : "not as before by the end");
}

// What users noticed of units that were lost: the first few losses.
std::string disturbances(const scenario::Result& r) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, r.disturbances.size()); ++i) {
    const metrics::Disturbance& d = r.disturbances[i];
    text +=
        fmt::format("  a {} unit was lost at {}, {}\n",
                    r.minutes[d.lost].decode_units.down > 0.0 ? "decode" : "prefill", clock(r, d.lost),
                    d.whole ? "and none is down from " + clock(r, *d.whole) : "and one is still missing");
    text += felt(r, "first token", d.first_token, 1.0, "s") + felt(r, "a token", d.token, 1e3, "ms");
  }
  if (r.disturbances.size() > kShown)
    text += fmt::format("  and {} more times (result.json)\n", r.disturbances.size() - kShown);
  return text;
}

// One line a class where there are several and it had any.
std::string set_backs(const scenario::Result& r) {
  if (r.by_class.size() < 2 || r.by_class.size() > kClassesShown) return "";
  std::string out;
  for (std::size_t i = 0; i < r.by_class.size(); ++i) {
    const metrics::SetBacks& s = r.by_class[i].set_backs;
    if (!s.any()) continue;
    const auto shown = [](std::int64_t count) { return grouped(static_cast<double>(count), 0); };
    out += fmt::format("    {:<14}{:>12} rejected, {} taken off a rank, {} computed again\n",
                       r.scenario.workload.classes[i].name(), shown(s.rejected), shown(s.preempted),
                       shown(s.retried));
  }
  return out;
}

std::string losses(const scenario::Result& r) {
  std::string text;
  const metrics::SetBacks& window = r.whole.set_backs;
  if (window.preempted > 0)
    text += fmt::format("  {} answers were taken off a rank whose KV cache was full\n",
                        grouped(static_cast<double>(window.preempted), 0));
  if (r.totals.prefill_held_up > 0)
    text += fmt::format(
        "  {} passes could not begin: prefill memory was full of caches that decode had not taken\n",
        grouped(static_cast<double>(r.totals.prefill_held_up), 0));
  if (r.totals.maintained > 0)
    text += fmt::format("  units were taken out for maintenance {} times\n", r.totals.maintained);
  if (r.totals.failures > 0) text += fmt::format("  units were lost {} times\n", r.totals.failures);
  if (window.retried > 0)
    text += fmt::format("  {} prompts had to be computed again\n",
                        grouped(static_cast<double>(window.retried), 0));
  return text + set_backs(r) + disturbances(r);
}

// Of prefixes that a cache with a memory finds.
std::string prefixes(const scenario::Result& r) {
  if (!r.scenario.workload.prefix_caching.has_memory()) return "";
  const metrics::Minute all = metrics::together(r.minutes);
  return fmt::format("  {:.1f} % of the cached input tokens were in memory, the rest was read from storage\n",
                     all.memory_share() * 100.0);
}

std::string use(const scenario::Result& r) {
  const std::string passes =
      r.prefill_pass_s > 0.0
          ? fmt::format(
                "a prefill pass takes {:.2f} s and fills {:.0f} % of its budget of tokens, {:.0f} % of "
                "that of work",
                r.prefill_pass_s, r.prefill_budget_fill * 100.0, r.prefill_work_fill * 100.0)
          : "no prefill pass began in the window";
  const std::string steps = r.decode_step_s > 0.0
                                ? fmt::format("a decode step takes {:.1f} ms with {:.1f} requests a GPU",
                                              r.decode_step_s * 1e3, r.decode_requests_per_gpu)
                                : "no decode step began in the window";
  return fmt::format("  {}\n  {}; fullest KV cache {:.0f} %\n", passes, steps, r.totals.kv_fill_max * 100.0) +
         prefixes(r) + losses(r);
}

std::string saturated(const scenario::Result& r) {
  std::string out = "saturated: the fleet is too small for the load\n";
  if (r.totals.window_unfinished > 0)
    out += fmt::format("  {} requests of the window were not answered\n",
                       grouped(static_cast<double>(r.totals.window_unfinished), 0));
  for (const metrics::Growth& g : r.growths)
    out += fmt::format(
        "  {} to {}: the queue of {} grew from {} to {} requests between the first and the last third, {} of "
        "the {} that came in between\n",
        local_clock(r.scenario, Instant{} + g.from), local_clock(r.scenario, Instant{} + g.to),
        to_string(g.stage), grouped(g.first, 0), grouped(g.last, 0), share(g.overload()),
        grouped(g.arrivals, 0));
  if (r.ledger.saturated)
    out +=
        "  revenue is of the requests of the window that were answered, also after it, cost of the nodes "
        "until it ended: no ratios of the two\n";
  return out;
}

std::string verdict(const scenario::Result& r) {
  if (r.saturated()) return saturated(r);
  double worst = 0.0;
  std::string_view where;
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r.scenario.published, f);
    if (c.relative && std::abs(*c.relative) >= std::abs(worst)) worst = *c.relative, where = f.label;
  }
  const std::string answered =
      r.totals.rejected == 0
          ? "every request answered"
          : fmt::format("{} requests are too long for a GPU's KV cache or for the model, and were rejected",
                        r.totals.rejected);
  std::string out =
      fmt::format("{}; {}, {}", answered, cost_profit_ratio_text(r.statement.cost_profit_ratio()),
                  gross_margin_text(r.statement.gross_margin()));
  if (!where.empty()) out += fmt::format("; furthest from published: {} ({:+.2f} %)", where, worst * 100.0);
  return out + "\n";
}

}  // namespace

std::string text(const scenario::Result& r) {
  return r.scenario.question + "\n\n" + headline(r) + "\n" + bands(r) + latencies(r) + classes(r) +
         goodput(r) + "\n" + money(r) + use(r) + "\n" + verdict(r) +
         trace_over_text(r.scenario);
}

}  // namespace tideline::report
