// tideline step SCENARIO: one step, kernel by kernel: where its time goes, what is exposed and what is
// hidden.
#include <cstdio>
#include <memory>
#include <string>

#include "sim/report/step_report.h"
#include "tools/output_files.h"
#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct StepArguments {
  ScenarioArguments scenario;
  std::string format = "text", out, trace, graph;
  int trace_gpus = 8;
};

int run(const StepArguments& arguments) {
  const scenario::StepScenario s = scenario::read_step(arguments.scenario.document());
  if (const std::string why = scenario::why_it_does_not_fit(s); !why.empty()) {
    const std::string said =
        arguments.format == "json" ? report::unfit_step_json(s, why) : "does not fit: " + why + "\n";
    std::fwrite(said.data(), 1, said.size(), stdout);
    return kInfeasible;
  }
  const bool text = arguments.format == "text";
  const bool spans = text || !arguments.trace.empty() || !arguments.out.empty();
  const scenario::StepResult r = scenario::run_step(s, spans);
  const int gpus = std::min<int>(arguments.trace_gpus, static_cast<int>(s.unit.gpus()));
  if (!arguments.out.empty()) {
    const bool decode = s.unit.phase == step::Phase::kDecode;
    write_all(arguments.out, {{decode ? "step-decode.json" : "step-prefill.json", report::step_json(r)}});
  }
  if (!arguments.trace.empty()) write_one(arguments.trace, report::chrome_trace(r, gpus));
  if (!arguments.graph.empty()) write_one(arguments.graph, r.graph);
  const std::string out = text ? report::step_text(r) : report::step_json(r);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kOk;
}

}  // namespace

void add_step(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<StepArguments>();
  CLI::App* command = program.add_subcommand("step", "simulate one step kernel by kernel: time by operation");
  arguments->scenario.add_to(*command);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--out", arguments->out,
                      "folder for step-decode.json or step-prefill.json, with a layer's timeline");
  command->add_option("--trace", arguments->trace, "file for a Chrome trace (ui.perfetto.dev)");
  command->add_option("--trace-gpus", arguments->trace_gpus, "GPUs in the trace, from 0 on (default 8)")
      ->check(CLI::PositiveNumber);
  command->add_option("--graph", arguments->graph, "file for the layer's operation graph (Graphviz)");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace tideline::tools
