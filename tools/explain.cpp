// tideline explain SCENARIO --request N: the life of one request, each decision with what was seen.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "sim/base/error.h"
#include "sim/report/explain_report.h"
#include "tools/from_zero.h"
#include "tools/progress.h"
#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct ExplainArguments {
  ScenarioArguments scenario;
  std::string format = "text";
  std::uint64_t request = 0;
};

int explain(const ExplainArguments& arguments) {
  const scenario::Scenario scenario = arguments.scenario.read();
  Progress progress(scenario.warm_up, scenario.window, isatty(STDERR_FILENO) != 0);
  const scenario::Explanation e =
      scenario::explain(scenario, arguments.request,
                        [&](Instant now, std::uint64_t requests) { progress.show(now, requests); });
  progress.clear();
  if (const std::string nothing = e.nothing(); !nothing.empty())
    throw InputError({.file = arguments.scenario.file, .message = nothing});
  const std::string out = arguments.format == "json" ? report::explain_json(e) : report::explain_text(e);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return e.causes.e2e ? kOk : kInfeasible;
}

}  // namespace

void add_explain(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command =
      program.add_subcommand("explain", "the life of one request: what was decided, what it waited for");
  arguments->scenario.add_to(*command);
  command
      ->add_option("--request", arguments->request,
                   "its number, from 0 in order of arrival, those of the warm-up among them")
      ->required()
      ->check(from_zero());
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([arguments, &exit_code] {
    exit_code = arguments->scenario.of_file([&] { return explain(*arguments); });
  });
}

}  // namespace tideline::tools
