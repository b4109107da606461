#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/middle_layer.h"
#include "sim/report/step_report.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using step::Kind;

Json parts(const step::SimulatedStep& s) {
  Json out;
  for (const Kind kind : {Kind::kAttention, Kind::kExperts, Kind::kGemm, Kind::kOther})
    out[std::string(to_string(kind)) + "_ms"] = s.parts.kernels_s[static_cast<std::size_t>(kind)] * 1e3;
  out["launch_ms"] = s.parts.launch_s * 1e3;
  out["dispatch_exposed_ms"] = s.parts.dispatch_exposed_s * 1e3;
  out["combine_exposed_ms"] = s.parts.combine_exposed_s * 1e3;
  out["dispatch_ms"] = s.parts.dispatch_s * 1e3;
  out["combine_ms"] = s.parts.combine_s * 1e3;
  return out;
}

Json exchanges(const scenario::StepExchanges& e) {
  Json out = {{"model", e.counted ? "counted" : "fitted"}, {"measured_on", e.measured_on}};
  const auto bound = [&](const char* key, const std::optional<network::Bottleneck>& b) {
    if (b) out[key] = {{"port", b->port}, {"alike", b->alike}};
  };
  bound("dispatch_bound_by", e.dispatch), bound("combine_bound_by", e.combine);
  return out;
}

Json kernel(const step::Operation& o, const std::vector<std::size_t>& sources) {
  return {{"name", o.name},
          {"stage", to_string(o.stage)},
          {"kind", to_string(o.kind)},
          {"us", o.cost.time.value() * 1e6},
          {"roofline_us", o.cost.roofline.value() * 1e6},
          {"sigma", o.cost.sigma},
          {"provenance", kernels::to_string(o.cost.provenance)},
          {"sources", sources}};
}

Json timeline(const MiddleLayer& middle) {
  const auto us = [&](Instant at) { return static_cast<double>((at - middle.from).ns) * 1e-3; };
  Json out{{"gpu", 0}, {"layer", middle.layer}, {"spans", Json::array()}};
  for (const step::Span& s : middle.spans)
    out["spans"].push_back({{"name", s.name},
                            {"kind", to_string(s.kind)},
                            {"stage", to_string(s.stage)},
                            {"stream", s.stream == step::Stream::kCompute ? "compute" : "communication"},
                            {"layer", s.layer},
                            {"micro_batch", s.micro_batch},
                            {"begin_us", us(s.begin)},
                            {"end_us", us(s.end)}});
  return out;
}

}  // namespace

std::string step_json(const scenario::StepResult& r) {
  const step::SimulatedStep& s = r.step;
  Json out;
  out["question"] = r.scenario.question;
  out["summary"] = {{"step_ms", s.total.value() * 1e3},
                    {"layers_ms", s.layers.value() * 1e3},
                    {"moe_layer_ms", s.moe_layer.value() * 1e3},
                    {"tokens_per_gpu", r.tokens_per_step},
                    {"tok_s_gpu", r.tokens_per_step / s.total.value()},
                    {"gpus", r.scenario.unit.gpus()},
                    {"kernels", s.kernels}};
  out["moe_layer"] = parts(s);
  if (r.exchanges) out["exchanges"] = exchanges(*r.exchanges);
  out["kernels"] = Json::array();
  for (std::size_t i = 0; i < r.kernels.size(); ++i)
    out["kernels"].push_back(kernel(r.kernels[i], r.sources_of[i]));
  out["sources"] = r.sources;
  if (const MiddleLayer middle = middle_layer(r); !middle.spans.empty())
    out["timeline"] = timeline(middle);
  return out.dump(2) + "\n";
}

std::string unfit_step_json(const scenario::StepScenario& s, const std::string& why) {
  return Json{{"question", s.question}, {"does_not_fit", why}}.dump(2) + "\n";
}

// Trace Event Format, "X" events: microseconds with three decimals. Written by hand, an event a line: a step
// of 144 GPUs has a third of a million of them, and names hold nothing that JSON would escape.
std::string chrome_trace(const scenario::StepResult& r, int gpus) {
  std::string out = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n";
  for (int g = 0; g < gpus; ++g) {
    out += fmt::format(R"({{"ph": "M", "name": "process_name", "pid": {}, "args": {{"name": "GPU {}"}}}},)"
                       "\n",
                       g, g);
    for (const auto& [tid, name] : {std::pair{0, "compute"}, std::pair{1, "communication"}})
      out += fmt::format(
          R"({{"ph": "M", "name": "thread_name", "pid": {}, "tid": {}, "args": {{"name": "{}"}}}},)"
          "\n",
          g, tid, name);
  }
  for (const step::Span& s : r.step.spans)
    if (s.gpu < gpus)
      out += fmt::format(
          R"({{"ph": "X", "name": "{}", "cat": "{}", "pid": {}, "tid": {}, "ts": {:.3f}, "dur": {:.3f}, )"
          R"("args": {{"layer": {}, "micro_batch": {}}}}},)"
          "\n",
          s.name, to_string(s.stage), s.gpu, static_cast<int>(s.stream),
          static_cast<double>(s.begin.ns) * 1e-3, static_cast<double>((s.end - s.begin).ns) * 1e-3, s.layer,
          s.micro_batch);
  out.erase(out.size() - 2);  // the last comma
  return out + "\n]}\n";
}

}  // namespace tideline::report
