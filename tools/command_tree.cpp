#include "tools/command_tree.h"

#include <algorithm>

namespace tideline::tools {
namespace {

// "TEXT:{text,json}" and its like: the choices that CLI11 writes behind the type.
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

CommandOption describe(const CLI::Option& option) {
  CommandOption out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.written = out.names.empty() ? option.get_name() : CLI::detail::join(out.names, ", ");
  out.description = option.get_description();
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    out.choices = choices_in(type);
    out.value = type.substr(0, type.find(':'));
    out.repeats = option.get_expected_max() > 1 || option.get_items_expected_max() > 1;
  }
  out.required = option.get_required();
  return out;
}

void add(const CLI::App& app, const std::string& path, std::vector<Command>& out) {
  Command command{path, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(describe(*option));
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* one : below) command.below.push_back(one->get_name());
  out.push_back(std::move(command));
  for (const CLI::App* one : below)
    add(*one, path.empty() ? one->get_name() : path + " " + one->get_name(), out);
}

}  // namespace

std::vector<Command> command_tree(const CLI::App& program) {
  std::vector<Command> out;
  add(program, "", out);
  return out;
}

}  // namespace tideline::tools
