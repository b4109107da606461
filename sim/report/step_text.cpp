#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/report/middle_layer.h"
#include "sim/report/step_report.h"

namespace tideline::report {
namespace {

using step::Kind;
using step::SimulatedStep;
using step::Stage;

std::string heading(const scenario::StepResult& r) {
  const step::Unit& u = r.scenario.unit;
  const bool decode = u.phase == step::Phase::kDecode;
  const double total = r.step.total.value();
  return fmt::format(
      "{}\n\n  {} of {} on {} x {} ({} GPUs), overlap {}\n  {:.3f} ms in all; {:.0f} tokens a GPU, {:.0f} "
      "tok/s/GPU{}\n",
      r.scenario.question, decode ? "decode step" : "prefill pass", u.llm.name, u.nodes, u.node.name,
      u.gpus(), u.schedule.name, total * 1e3, r.tokens_per_step, r.tokens_per_step / total,
      decode && u.draft_tokens > 0 ? " (drafts counted as accepted)" : "");
}

std::string part(std::string_view name, double seconds, double whole) {
  return fmt::format("  {:<34}{:>10.3f} ms{:>8.1f} %\n", name, seconds * 1e3, seconds / whole * 100.0);
}

std::string layer(const scenario::StepResult& r) {
  const SimulatedStep& s = r.step;
  const double whole = s.moe_layer.value();
  std::string out =
      fmt::format("\nA MoE layer, {}, mean over the GPUs\n",
                  r.scenario.unit.schedule.micro_batches == 2 ? "both micro-batches" : "one batch");
  for (const Kind kind : {Kind::kAttention, Kind::kExperts, Kind::kGemm, Kind::kOther})
    out += part(to_string(kind), s.parts.kernels_s[static_cast<std::size_t>(kind)], whole);
  out += part("between kernels", s.parts.launch_s, whole);
  out += part("waiting for a dispatch (exposed)", s.parts.dispatch_exposed_s, whole);
  out += part("waiting for a combine (exposed)", s.parts.combine_exposed_s, whole);
  out += part("layer", whole, whole);
  // The edges of the layers that are counted: GPUs come to them apart, and layers beside them are under way.
  if (const double sum = s.parts.total_s() / whole; std::abs(sum - 1.0) >= 0.0005)
    out += fmt::format(
        "  the parts add up to {:.1f} %: they are what each GPU does in a layer, which is timed from the "
        "last\n"
        "  GPU's end of the one before to the last GPU's end of this one\n",
        sum * 100.0);
  out += fmt::format(
      "  in flight: dispatch {:.3f} ms, {:.0f} % hidden; combine {:.3f} ms, {:.0f} % hidden\n",
      s.parts.dispatch_s * 1e3,
      100.0 * std::max(0.0, 1.0 - s.parts.dispatch_exposed_s / std::max(1e-12, s.parts.dispatch_s)),
      s.parts.combine_s * 1e3,
      100.0 * std::max(0.0, 1.0 - s.parts.combine_exposed_s / std::max(1e-12, s.parts.combine_s)));
  return out;
}

std::string port(const network::Bottleneck& b) {
  return b.alike == 0 ? b.port : fmt::format("{} ({} ports alike)", b.port, b.alike + 1);
}

std::string exchanges(const scenario::StepResult& r) {
  if (!r.exchanges) return "";
  const scenario::StepExchanges& e = *r.exchanges;
  if (!e.counted) return fmt::format("  exchanges fitted to the published table of {}\n", e.measured_on);
  const bool own = e.measured_on == r.scenario.unit.node.name;
  return fmt::format(
      "  exchanges counted on their ports, efficiency {} {}\n  bound by: dispatch {}; combine {}\n",
      own ? "fitted to" : "taken from", e.measured_on, port(*e.dispatch), port(*e.combine));
}

// [0-2, 4]: of numbers in order.
std::string numbers(const std::vector<std::size_t>& of) {
  std::string out;
  for (std::size_t first = 0, last = 0; first < of.size(); first = last + 1) {
    for (last = first; last + 1 < of.size() && of[last + 1] == of[last] + 1;) ++last;
    out += fmt::format("{}{}", out.empty() ? "" : ", ", of[first]);
    if (last > first) out += fmt::format("-{}", of[last]);
  }
  return out.empty() ? "" : "[" + out + "]";
}

std::string sources(const scenario::StepResult& r) {
  std::string out = r.sources.empty() ? "" : "\n  measured by\n";
  for (std::size_t i = 0; i < r.sources.size(); ++i)
    out += fmt::format("  {:>4} {}\n", fmt::format("[{}]", i), r.sources[i]);
  return out;
}

std::string kernels(const scenario::StepResult& r) {
  std::string out = fmt::format("\n  {:<10}{:<26}{:>10}{:>12}{:>8}  {}\n", "stage", "kernel, one micro-batch",
                                "us", "roofline", "+-", "stands on");
  for (std::size_t i = 0; i < r.kernels.size(); ++i) {
    const step::Operation& o = r.kernels[i];
    const std::string stands_on =
        fmt::format("{:<13} {}", kernels::to_string(o.cost.provenance), numbers(r.sources_of[i]));
    out += fmt::format("  {:<10}{:<26}{:>10.1f}{:>10.0f} %{:>6.0f} %  {}\n", to_string(o.stage), o.name,
                       o.cost.time.value() * 1e6, o.cost.roofline / o.cost.time * 100.0, o.cost.sigma * 100.0,
                       stands_on);
  }
  return out;
}

// One letter a stage: micro-batch 0 in capitals, 1 in small letters.
char letter(const step::Span& s) {
  constexpr std::string_view kLetters = "AAHDMC";  // ATTN-0, ATTN-1, SHARED, DISPATCH, MLP, COMBINE
  const char c = kLetters[static_cast<std::size_t>(s.stage)];
  return s.micro_batch == 0 ? c : static_cast<char>(c + ('a' - 'A'));
}

std::string timeline(const scenario::StepResult& r) {
  constexpr std::int64_t kColumns = 96;
  const MiddleLayer middle = middle_layer(r);
  if (middle.spans.empty()) return "";
  const Duration length = middle.to - middle.from;
  std::string rows[2] = {std::string(kColumns, '.'), std::string(kColumns, '.')};
  for (const step::Span& s : middle.spans) {
    const auto column = [&](Instant t) { return (t - middle.from).ns * kColumns / length.ns; };
    for (std::int64_t c = column(s.begin);
         c < std::max(column(s.end), std::min(column(s.begin) + 1, kColumns)); ++c)
      rows[static_cast<std::size_t>(s.stream)][static_cast<std::size_t>(c)] = letter(s);
  }
  return fmt::format(
      "\nGPU 0 while layer {} is under way, {:.3f} ms: A attention, H shared expert, M experts, D dispatch, "
      "C "
      "combine;\ncapitals for micro-batch 0, small letters for 1, dots for nothing\n"
      "  compute {}\n  network {}\n",
      middle.layer, to_seconds(length).value() * 1e3, rows[0], rows[1]);
}

}  // namespace

std::string step_text(const scenario::StepResult& r) {
  const SimulatedStep& s = r.step;
  return heading(r) + layer(r) + exchanges(r) + kernels(r) + sources(r) + timeline(r) +
         fmt::format("\n{:.3f} ms: layers {:.3f} ms, outside the layers {:.3f} ms; {} kernels on {} GPUs\n",
                     s.total.value() * 1e3, s.layers.value() * 1e3, (s.total - s.layers).value() * 1e3,
                     s.kernels, r.scenario.unit.gpus());
}

}  // namespace tideline::report
