// tideline layouts SCENARIO: layouts ranked and on a front, refused ones with the reason.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "sim/report/layouts_report.h"
#include "tools/output_files.h"
#include "tools/scenario_arguments.h"
#include "tools/status_line.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct LayoutsArguments {
  ScenarioArguments scenario;
  std::string format = "text", out;
  std::size_t rows = 12;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
};

int layouts(const LayoutsArguments& arguments) {
  if (!arguments.out.empty()) write_all(arguments.out, {});
  const layouts::Study study = layouts::read_study(arguments.scenario.file, arguments.scenario.overrides);
  const StatusLine status;
  const layouts::Comparison c = layouts::compare(
      study, arguments.threads,
      [&](std::size_t done, std::size_t all) { status.show(fmt::format("{} of {} layouts", done, all)); });
  status.clear();
  if (!arguments.out.empty())
    write_all(arguments.out,
              {{"layouts.json", report::layouts_json(c)}, {"layouts.csv", report::layouts_csv(c)}});
  const std::string text = arguments.format == "json"  ? report::layouts_json(c)
                           : arguments.format == "csv" ? report::layouts_csv(c)
                                                       : report::layouts_text(c, arguments.rows);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return c.missing().empty() ? kOk : kInfeasible;
}

}  // namespace

void add_layouts(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<LayoutsArguments>();
  CLI::App* command = program.add_subcommand(
      "layouts", "layouts of a scenario's units, ranked by cost under the SLO; refused ones with the reason");
  arguments->scenario.add_to(*command);
  command->add_option("--format", arguments->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->add_option("--out", arguments->out, "folder for layouts.json and layouts.csv");
  command->add_option("--rows", arguments->rows, "rows of each phase on the screen; 0: all")
      ->capture_default_str();
  command
      ->add_option("--threads", arguments->threads,
                   "layouts side by side; the result is the same for any number")
      ->check(CLI::Range(1, 256));
  command->callback([arguments, &exit_code] { exit_code = layouts(*arguments); });
}

}  // namespace tideline::tools
