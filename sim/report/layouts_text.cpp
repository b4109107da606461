#include <fmt/format.h>

#include "sim/report/layouts_report.h"

namespace tideline::report {
namespace {

using layouts::Comparison;
using layouts::DecodeRow;
using layouts::PrefillRow;

std::string marked(const layouts::Candidate& c) {
  return (c.of_scenario ? "* " : "  ") + c.name();
}

std::string decode_line(std::size_t rank, const DecodeRow& r) {
  if (!r.allowed) return fmt::format("  {:>4} {:<44} {}\n", "-", marked(r.layout), r.why);
  const std::string usd = r.usd_per_mtok ? fmt::format("{:.3f}", *r.usd_per_mtok) : "-";
  const std::string gpus = r.prefill_gpus ? fmt::format("{:.2f}", *r.prefill_gpus) : "-";
  return fmt::format("  {:>4} {:<44}{:>8}{:>8.0f}{:>8.1f}{:>9.0f}{:>9}{:>8}  {}\n", rank, marked(r.layout),
                     usd, r.value.at.requests, r.value.at.speed, r.value.at.per_gpu, gpus,
                     r.behind_front <= 0.0 ? "on" : fmt::format("-{:.1f} %", 100.0 * r.behind_front), r.why);
}

std::string prefill_line(std::size_t rank, const PrefillRow& r) {
  if (!r.allowed) return fmt::format("  {:>4} {:<44} {}\n", "-", marked(r.layout), r.why);
  return fmt::format("  {:>4} {:<44}{:>8.3f}{:>10.0f}{:>9.2f} s  {}\n", rank, marked(r.layout),
                     r.value.usd_per_mtok, r.value.per_gpu, r.value.ttft_s, r.why);
}

// The first `most` rows and the scenario's own; how many were left out.
template <class Row, class Line>
std::string some(const std::vector<Row>& rows, std::size_t most, Line line) {
  std::string out;
  std::size_t left = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (most > 0 && i >= most && !rows[i].layout.of_scenario) {
      ++left;
      continue;
    }
    out += line(i + 1, rows[i]);
  }
  return left > 0 ? out + fmt::format("       {} more (--rows 0)\n", left) : out;
}

}  // namespace

std::string layouts_text(const Comparison& c, std::size_t rows) {
  const scenario::LayoutAxes& wanted = *c.scenario.layouts;
  std::string out = fmt::format(
      "{}\n\nAt full load, {:.1f} tok/s a user or more, prompts within {:.1f} s on average; a request of "
      "{:.0f} tokens, "
      "{:.0f} of them computed, and {:.0f} of answer.\n* the scenario's own; +n: replicas of experts\n\n",
      c.scenario.question, wanted.output_speed, wanted.ttft_s, c.mean.input, c.mean.computed, c.mean.output);
  if (const std::string missing = c.missing(); !missing.empty()) out += missing + ".\n\n";
  out += fmt::format("  {:>4} {:<44}{:>8}{:>8}{:>8}{:>9}{:>9}{:>8}  {}\n", "", "decode", "USD/Mtok",
                     " req/GPU", "tok/s", "tok/s", "prefill", "front", "what would make it better");
  out +=
      fmt::format("  {:>4} {:<44}{:>8}{:>8}{:>8}{:>9}{:>9}\n", "", "", "output", "", "/user", "/GPU", "GPUs");
  out += some(c.decode, rows, decode_line);
  out += fmt::format("\n  {:>4} {:<44}{:>8}{:>10}{:>11}\n", "", "prefill", "USD/Mtok", " tok/s/GPU", "TTFT");
  out += some(c.prefill, rows, prefill_line);
  out += "\nNo batch of any layout is both faster for a user and gets more out of a GPU than these:\n";
  for (const layouts::FrontPoint& p : c.front)
    out += fmt::format("  {:>6.1f} tok/s/user {:>7.0f} tok/s/GPU  {:>4.0f} requests a GPU on {}\n",
                       p.batch.speed, p.batch.per_gpu, p.batch.requests, c.decode[p.row].layout.name());
  return out;
}

}  // namespace tideline::report
