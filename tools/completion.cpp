// tideline completion bash: what the shell completes, from the commands themselves.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/command_tree.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

std::string join(const std::vector<std::string>& words, const char* between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const CommandOption& o : command.options) names.insert(names.end(), o.names.begin(), o.names.end());
  return names;
}

// Text in single quotes, as sh reads it.
std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

// The command line is read up to the word that is completed; that is then a value of the option before it, an
// option, a subcommand, or a file: JSON where a scenario is wanted.
constexpr const char* kBash = R"(# bash completion of tideline
_tideline() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{command:+$command }}${{COMP_WORDS[i]}}" in
      {commands}) command=${{command:+$command }}${{COMP_WORDS[i]}} ;;
    esac
  done
  COMPREPLY=()
  case "$command $before" in
{values}
  esac
  local options='' below='' but=''
  case "$command" in
{words}
  esac
  if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word"); return; fi
  if [[ -n $below ]]; then mapfile -t COMPREPLY < <(compgen -W "$below" -- "$word"); return; fi
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -d -- "$word"; compgen -f -X "$but" -- "$word")
}}
complete -F _tideline tideline
)";

std::string bash(const std::vector<Command>& commands) {
  std::vector<std::string> paths;
  std::string values, words;
  for (const Command& c : commands) {
    if (!c.path.empty()) paths.push_back(quoted(c.path));
    for (const CommandOption& o : c.options) {
      if (o.value.empty() || o.names.empty()) continue;
      std::vector<std::string> cases;
      for (const std::string& name : o.names) cases.push_back(quoted(c.path + " " + name));
      const std::string reply =
          o.choices.empty()
              ? "compopt -o default"
              : fmt::format("mapfile -t COMPREPLY < <(compgen -W {} -- \"$word\")", quoted(join(o.choices)));
      values += fmt::format("    {}) {}; return ;;\n", join(cases, "|"), reply);
    }
    const bool scenario =
        std::ranges::find(c.options, "scenario", &CommandOption::written) != c.options.end();
    words += fmt::format("    {}) options={} below={} but={} ;;\n", quoted(c.path),
                         quoted(join(option_names(c))), quoted(join(c.below)), scenario ? "'!*.json'" : "''");
  }
  values.pop_back(), words.pop_back();
  return fmt::format(fmt::runtime(kBash), fmt::arg("commands", join(paths, "|")), fmt::arg("values", values),
                     fmt::arg("words", words));
}

}  // namespace

void add_completion(CLI::App& program, int& exit_code) {
  CLI::App* shells = program.add_subcommand("completion", "what a shell completes: source it, or install it");
  shells->require_subcommand(1);
  shells->add_subcommand("bash", "for bash-completion")->callback([&program, &exit_code] {
    const std::string out = bash(command_tree(program));
    std::fwrite(out.data(), 1, out.size(), stdout);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
