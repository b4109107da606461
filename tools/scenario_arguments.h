// The arguments that every subcommand on a scenario shares.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace tideline::tools {

struct ScenarioArguments {
  std::string file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command.add_option("scenario", file, "scenario file (JSON)")->required();
    command.add_option("--set", overrides, "PATH=VALUE: override one value of the scenario; may be repeated")
        ->allow_extra_args(false);
  }
  [[nodiscard]] scenario::Scenario read() const {
    return scenario::read(config::Document::load(file, overrides));
  }
};

}  // namespace tideline::tools
