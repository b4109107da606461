// tideline ablate SCENARIO: switches things off one at a time and prints what each is worth, by day and by
// night.
#include <cstdio>
#include <memory>
#include <string>

#include "sim/report/ablation_report.h"
#include "tools/scenario_arguments.h"
#include "tools/status_line.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct AblateArguments {
  ScenarioArguments scenario;
  std::string format = "text";
  double hours = 0.5;
  std::vector<std::string> only;
};

int ablate(const AblateArguments& arguments) {
  const Duration window = to_duration(Seconds(arguments.hours * 3600.0));
  const StatusLine status;
  const scenario::Ablation a =
      scenario::ablate(arguments.scenario.file, arguments.scenario.overrides,
                       {.window = window, .warm_up = {window.ns / 2}, .only = arguments.only},
                       [&](const std::string& what) { status.show(what); });
  status.clear();
  const std::string out = arguments.format == "json" ? report::ablation_json(a) : report::ablation_text(a);
  std::fwrite(out.data(), 1, out.size(), stdout);
  for (const auto& point : a.rows.front().points)
    if (!point.saturated.empty()) return kInfeasible;
  return kOk;
}

}  // namespace

void add_ablate(CLI::App& program, int& exit_code) {
  constexpr double kHoursMin = 1.0 / 60.0, kHoursMax = 24.0;
  auto arguments = std::make_shared<AblateArguments>();
  CLI::App* command =
      program.add_subcommand("ablate", "switch things off one at a time: what each is worth, day and night");
  arguments->scenario.add_to(*command);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command
      ->add_option("--hours", arguments->hours,
                   "window of each run, after a warm-up of half as long (default 0.5)")
      ->check(CLI::Range(kHoursMin, kHoursMax));
  const std::vector<std::string> names(scenario::kSwitches.begin(), scenario::kSwitches.end());
  command->add_option("--only", arguments->only, "one switch of the study; may be repeated (default: all)")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(names));
  command->callback([arguments, &exit_code] {
    exit_code = arguments->scenario.of_file([&] { return ablate(*arguments); });
  });
}

}  // namespace tideline::tools
