// tideline check SCENARIO: reads it as `run` would, and says whether it is sound.
#include <fmt/format.h>

#include <memory>

#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {

void add_check(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<ScenarioArguments>();
  CLI::App* command = program.add_subcommand("check", "read a scenario and report every mistake in it");
  arguments->add_to(*command);
  command->callback([arguments, &exit_code] {
    const auto s = arguments->understand();
    fmt::print("{}: sound. {}\n", arguments->file, s.question);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
