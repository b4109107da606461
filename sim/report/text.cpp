#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/report.h"

namespace tideline::report {
namespace {

// 1234567.8 -> "1,234,567.8".
std::string grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  const auto end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = end; i > begin + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

double scale_of(const scenario::Figure& f) {
  return f.unit == "Gtok" ? 1e-9 : 1.0;
}

std::string published_text(const scenario::Figure& f, const Comparison& c) {
  if (!c.published) return "";
  const std::string low = grouped(c.low * scale_of(f), f.decimals);
  return c.low == c.high ? low : low + " - " + grouped(c.high * scale_of(f), f.decimals);
}

std::string difference_text(const Comparison& c) {
  if (!c.published) return "";
  if (c.low != c.high && c.inside) return "inside";
  return fmt::format("{:+.2f} %", c.relative * 100.0);
}

std::string headline(const scenario::Result& r) {
  std::string out = fmt::format("  {:<24}{:>22}{:>20}{:>12}\n", "", "predicted", "published", "difference");
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r, f);
    const std::string value = fmt::format("{} {:<5}", grouped(f.value * scale_of(f), f.decimals), f.unit);
    out +=
        fmt::format("  {:<24}{:>22}{:>20}{:>12}\n", f.label, value, published_text(f, c), difference_text(c));
  }
  return out;
}

std::string latency_line(const char* name, const metrics::Summary& s, double scale, const char* unit) {
  return fmt::format("  {:<6}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f} {}\n", name, s.mean * scale,
                     s.p50 * scale, s.p90 * scale, s.p95 * scale, s.p99 * scale, unit);
}

std::string latencies(const scenario::Result& r) {
  return fmt::format("  {:<6}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "", "mean", "p50", "p90", "p95", "p99") +
         latency_line("TTFT", r.ttft_s, 1.0, "s") + latency_line("TPOT", r.tpot_s, 1e3, "ms") +
         latency_line("E2E", r.e2e_s, 1.0, "s");
}

std::string money(const scenario::Result& r) {
  const auto& s = r.statement;
  return fmt::format(
      "  prefill nodes ${} + decode nodes ${}; ${:.3f} per million input misses, ${:.3f} per million "
      "outputs\n",
      grouped(s.cost.prefill.usd(), 2), grouped(s.cost.decode.usd(), 2), s.cost_per_million_miss,
      s.cost_per_million_output);
}

std::string losses(const scenario::Result& r) {
  std::string text;
  if (r.totals.preempted > 0)
    text += fmt::format("  {} answers were taken off a rank whose KV cache was full\n",
                        grouped(static_cast<double>(r.totals.preempted), 0));
  if (r.totals.prefill_held_up > 0)
    text += fmt::format(
        "  {} passes could not begin: prefill memory was full of caches that decode had not taken\n",
        grouped(static_cast<double>(r.totals.prefill_held_up), 0));
  if (r.totals.failures > 0) text += fmt::format("  units were lost {} times\n", r.totals.failures);
  if (r.totals.retried > 0)
    text += fmt::format("  {} prompts had to be computed again\n",
                        grouped(static_cast<double>(r.totals.retried), 0));
  return text;
}

std::string use(const scenario::Result& r) {
  return fmt::format(
             "  a prefill pass takes {:.2f} s and fills {:.0f} % of its token budget\n"
             "  a decode step takes {:.1f} ms with {:.1f} requests a GPU; fullest KV cache {:.0f} %\n",
             r.prefill_pass_s, r.prefill_budget_fill * 100.0, r.decode_step_s * 1e3,
             r.decode_requests_per_gpu, r.totals.kv_fill_max * 100.0) +
         losses(r);
}

std::string verdict(const scenario::Result& r) {
  if (r.totals.saturated())
    return fmt::format(
        "saturated: {} requests of the window were not answered. The fleet is too small for the load.\n",
        r.totals.window_unfinished);
  double worst = 0.0;
  std::string_view where;
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r, f);
    if (c.published && std::abs(c.relative) >= std::abs(worst)) worst = c.relative, where = f.label;
  }
  const std::string answered =
      r.totals.rejected == 0
          ? "every request answered"
          : fmt::format("{} requests are longer than a GPU's KV cache and were rejected", r.totals.rejected);
  std::string out = fmt::format("{}; cost-profit ratio {:.0f} %, gross margin {:.1f} %", answered,
                                r.statement.cost_profit_ratio() * 100.0, r.statement.gross_margin() * 100.0);
  if (!where.empty()) out += fmt::format("; furthest from published: {} ({:+.2f} %)", where, worst * 100.0);
  return out + "\n";
}

}  // namespace

std::string text(const scenario::Result& r) {
  return r.scenario.question + "\n\n" + headline(r) + "\n" + latencies(r) + "\n" + money(r) + use(r) + "\n" +
         verdict(r);
}

}  // namespace tideline::report
