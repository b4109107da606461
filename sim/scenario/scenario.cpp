#include "sim/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/config/start.h"
#include "sim/config/time_zone.h"
#include "sim/kernels/kernel_model.h"
#include "sim/scenario/result.h"
#include "sim/workload/traces/trace_load.h"

namespace tideline::scenario {

using namespace literals;

namespace {

constexpr std::int64_t kReplicationMax = 1'000'000'000;

void read_published(const config::Node& root, Scenario& s) {
  const auto node = root.optional_object("published");
  if (!node) return;
  s.published_source = node->text("source");
  for (const Figure& figure : summary_figures()) {
    const std::string_view key = figure.key;
    if (!node->has(key)) continue;
    const auto range = node->number_or_numbers(key);
    if (range.size() == 1)
      s.published[std::string(key)] = {range[0], range[0]};
    else if (range.size() == 2 && range[0] <= range[1])
      s.published[std::string(key)] = {range[0], range[1]};
    else
      node->problem(key, "a published figure is a number or a range [low, high]");
  }
}

Duration read_span(const config::Node& root, std::string_view key, Seconds absent, Seconds most) {
  const Seconds span = root.quantity<Seconds>(key, absent);
  if (span > most) root.problem(key, fmt::format("at most {:.0f} h", most.value() / 3600.0));
  return to_duration(std::min(span, most));
}

// A trace begins with the warm-up.
void check_trace(const config::Node& root, const Scenario& s) {
  if (s.workload.trace == nullptr) return;
  const auto length = s.workload.trace->length();
  if (!length || *length > s.warm_up) return;
  const bool cut = s.workload.trace->offset.ns > 0;
  root.problem(
      "warm_up",
      fmt::format("{} is {:.0f} s long and over before the window begins",
                  cut ? "what \"offset\" leaves of the trace" : "the trace", to_seconds(*length).value()),
      fmt::format("a shorter warm-up{}, or \"loop\" of the trace", cut ? " or \"offset\"" : ""));
}

}  // namespace

Scenario read(const config::Document& document) {
  const config::Node root = document.root();
  const auto not_ours = [&](std::string_view key, const char* what, const char* suggestion) {
    if (root.is_null(key)) root.ignore(key);
    if (!root.given(key)) return;
    root.ignore_rest();
    root.problem(key, what, suggestion);
    document.finish();
  };
  not_ours("phase", "this is the scenario of a single step", "tideline step reads it");
  not_ours("volumes", "these are books of what was sold, not a scenario", "tideline finance reads them");
  not_ours("ledger", "this is the result of a run", "tideline finance prices it anew");
  not_ours("pools", "these are several scenarios in one day",
           "tideline run reads them; others one of them alone, FILE#NAME");
  not_ours("base", "this is a study of many runs, not a scenario", "tideline sweep runs it");
  Scenario s;
  s.question = root.text("question");
  const config::Start start = config::read_start(root);
  s.start = start.text, s.first_minute = start.first_minute;
  s.time_zone = config::read_time_zone(root, start);
  s.window = read_span(root, "duration", 24.0_h, Seconds(3600.0 * kWindowHoursMax));
  s.warm_up = read_span(root, "warm_up", 0.5_h, 24.0_h);
  // Scenarios of one seed, and of streams of their own, draw apart.
  s.seed = static_cast<std::uint64_t>(root.count("seed", 1)) ^
           static_cast<std::uint64_t>(root.count("stream", 0)) << 32;
  const std::int64_t replication = root.count("replication", 0);
  if (replication > kReplicationMax)
    root.problem("replication", fmt::format("at most {}", kReplicationMax));
  else
    s.replication = static_cast<std::uint32_t>(replication);
  if (s.window.ns <= 0) root.problem("duration", "the window has no length");

  s.llm = catalog::load_llm(root, "model");
  s.node = catalog::load_node(root, "node");
  kernels::KernelModel::require(root, "node", s.node.gpu);
  s.workload = workload::read_workload(root.object("workload"), static_cast<int>(s.first_minute / 60));
  check_trace(root, s);
  if (const auto layouts = root.optional_object("layouts")) s.layouts = read_layout_axes(*layouts);
  if (const auto plan = root.optional_object("plan")) s.planning = read_planning(*plan);
  s.fleet = fleet::read_fleet(root, s.llm, s.node, {start, s.window, s.warm_up}, s.planning.has_value());
  s.terms = finance::read_terms(root.object("money"), s.node.gpus, s.time_zone, s.workload.known_names());
  s.uncertainty = read_uncertainty(root);
  s.slos = metrics::read_slos(root, s.workload.classes, s.workload.left_out);
  read_published(root, s);
  document.finish();
  s.effective = document.effective();
  s.standalone = document.standalone();
  return s;
}

std::optional<Instant> trace_over(const Scenario& s) {
  if (s.workload.trace == nullptr) return std::nullopt;
  const auto length = s.workload.trace->length();
  if (!length) return std::nullopt;
  const Instant over = Instant{} + (*length - s.warm_up);
  return s.window.ns - over.ns > s.window.ns / 20 ? std::optional(over) : std::nullopt;
}

void require_schedule(const Scenario& scenario) {
  if (!scenario.fleet.schedule.empty()) return;
  throw InputError(Problem{.message = "no \"fleet.schedule\" says which units serve when",
                           .suggestion = "tideline plan finds one and writes a scenario that has it"});
}

}  // namespace tideline::scenario
