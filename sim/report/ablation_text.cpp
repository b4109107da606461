#include <fmt/format.h>

#include "sim/report/ablation_report.h"

namespace tideline::report {
namespace {

using scenario::Ablation;
using scenario::AblationPoint;

std::string line(const std::string& label, const AblationPoint& p, bool base) {
  const std::string change = !p.saturated.empty() ? "saturated"
                             : base               ? ""
                                                  : fmt::format("{:+.1f} %", p.speed_change * 100.0);
  return fmt::format("  {:<34}{:>6.1f} tok/s{:>11}{:>9.1f} ms{:>9.2f} s{:>9.1f} ms{:>7.1f}{}\n", label,
                     p.output_speed_tok_s_user, change, p.tpot_p99_s * 1e3, p.ttft_mean_s,
                     p.decode_step_s * 1e3, p.decode_requests_per_gpu,
                     p.saturated.empty() ? "" : "  " + p.saturated);
}

std::string table(const Ablation& a, std::size_t load) {
  const scenario::AblationLoad& l = a.loads[load];
  std::string out = fmt::format("\n{}: {}, {:.0f} requests/s\n  {:<34}{:>12}{:>11}{:>12}{:>11}{:>12}{:>7}\n",
                                l.name, l.start, l.requests_per_s, "", "output speed", "change", "TPOT p99",
                                "TTFT mean", "decode step", "/GPU");
  for (const auto& row : a.rows)
    if (!row.points.empty()) out += line(row.label, row.points[load], &row == &a.rows.front());
  return out;
}

std::string notes(const Ablation& a) {
  std::string out;
  for (const auto& row : a.rows)
    if (!row.note.empty())
      out += fmt::format("  {}: {}{}\n", row.label, row.points.empty() ? "left out, " : "", row.note);
  return out.empty() ? "" : "\n" + out;
}

std::string crossing(const scenario::OverlapCrossing& c) {
  std::string out = fmt::format(
      "\nDecode step with {:.0f} cached tokens a request, every GPU alike\n  {:>12}{:>14}{:>14}{:>11}\n",
      c.kv_tokens, "requests/GPU", "none", "two_batch", "change");
  for (const auto& p : c.points)
    out += fmt::format("  {:>12}{:>11.2f} ms{:>11.2f} ms{:>+9.1f} %{}\n", p.requests, p.none.value() * 1e3,
                       p.two_batch.value() * 1e3, (p.two_batch / p.none - 1.0) * 100.0,
                       p.fits ? "" : "  more cache than fits");
  return out + (c.wins_from > 0 ? fmt::format("two_batch wins from {} requests a GPU on\n", c.wins_from)
                                : std::string("two_batch does not win at any of these\n"));
}

}  // namespace

std::string ablation_text(const Ablation& a) {
  std::string out = fmt::format(
      "{}\nOne thing switched at a time; windows of {:.4g} min after {:.4g} min of warm-up, the same "
      "requests "
      "for all\n",
      a.scenario.question, to_seconds(a.options.window).value() / 60.0,
      to_seconds(a.options.warm_up).value() / 60.0);
  for (std::size_t load = 0; load < a.loads.size(); ++load) out += table(a, load);
  return out + notes(a) + crossing(a.crossing);
}

}  // namespace tideline::report
