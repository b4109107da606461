// tideline show SCENARIO: the scenario as it was understood, defaults and overrides written in, names of
// files absolute: what it prints is the same scenario anywhere.
#include <fmt/format.h>

#include <memory>

#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {

void add_show(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<ScenarioArguments>();
  CLI::App* command = program.add_subcommand("show", "print a scenario with its defaults written in");
  arguments->add_to(*command);
  command->callback([arguments, &exit_code] {
    fmt::print("{}\n", arguments->understand().standalone);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
