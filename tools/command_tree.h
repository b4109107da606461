// The program's own commands as plain data, read off CLI11: what completions and the manual page are made
// from.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tideline::tools {

struct CommandOption {
  std::string written;             // "--format", "-h,--help"; of a positional its name
  std::vector<std::string> names;  // each with its dashes; empty: a positional
  std::string description;
  std::vector<std::string> choices;  // of its value, where they are few and known
  std::string value;                 // "TEXT"; empty: a flag
  bool required = false, repeats = false;
};

struct Command {
  std::string path;  // "calibrate fit"; empty: the program itself
  std::string description;
  std::vector<CommandOption> options;
  std::vector<std::string> below;  // names of its subcommands
};

// The program first, then each command before those below it, in the order in which they were added.
std::vector<Command> command_tree(const CLI::App& program);

}  // namespace tideline::tools
