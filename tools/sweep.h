// What the verbs of `tideline sweep` share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace tideline::tools {

struct SweepArguments {
  std::string study, out, to;

  void add_to(CLI::App& command) {
    command.add_option("study", study, "study (JSON)")->required();
    command.add_option("--out", out,
                       "folder of results as they come (default: the study's name with .sweep)");
  }
  [[nodiscard]] std::string name() const { return std::filesystem::path(study).stem().string(); }
  [[nodiscard]] std::string folder() const { return out.empty() ? name() + ".sweep" : out; }
  // Of `merge`, and of scripts that end in it.
  [[nodiscard]] std::string database() const { return to.empty() ? folder() + "/points.sqlite" : to; }
};

void add_sweep_emit(CLI::App& sweep, int& exit_code);

}  // namespace tideline::tools
