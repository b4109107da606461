// tideline plan SCENARIO: the fewest whole units that keep its targets through the day.
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "sim/base/error.h"
#include "sim/report/plan_report.h"
#include "sim/report/report.h"
#include "tools/output_files.h"
#include "tools/scenario_arguments.h"
#include "tools/status_line.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct PlanArguments {
  ScenarioArguments scenario;
  std::string format = "text", out;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  bool trials_only = false;
};

// The scenario that was planned, with what was set in it and the schedule that was found, which stands in the
// place of scaling by load.
std::string planned_scenario(ScenarioArguments scenario, const fleet::Fleet& asked, const plan::Plan& plan) {
  if (asked.prefill.scaling.by_load()) scenario.overrides.emplace_back("prefill.scaling=null");
  if (asked.decode.scaling.by_load()) scenario.overrides.emplace_back("decode.scaling=null");
  scenario.overrides.emplace_back("question=Does the plan serve the load it was made for?");
  scenario.overrides.push_back("fleet.schedule=" + report::planned_schedule(plan));
  const config::Document document = scenario.document();
  (void)scenario::read(document);
  return document.standalone();
}

int plan(const PlanArguments& arguments) {
  const scenario::Scenario scenario = arguments.scenario.read();
  if (!scenario.planning)
    throw InputError(
        {.file = arguments.scenario.file,
         .message = "no \"plan\" says what users must get",
         .suggestion = R"(add "plan": {"targets": {"ttft_p99": "10 s", "output_speed": "20 tok/s"}})"});
  if (!arguments.out.empty()) write_all(arguments.out, {});
  const StatusLine status;
  const plan::Plan plan =
      plan::make_plan(scenario, {.threads = arguments.threads,
                                 .run_the_day = !arguments.trials_only,
                                 .progress = [&](const std::string& what) { status.show(what); }});
  status.clear();
  if (!arguments.out.empty()) {
    std::vector<std::pair<std::string, std::string>> files{{"plan.json", report::plan_json(plan)}};
    if (!plan.not_within)
      files.push_back({"scenario.json", planned_scenario(arguments.scenario, scenario.fleet, plan)});
    if (plan.day) files.push_back({"result.json", report::json(*plan.day)});
    write_all(arguments.out, files);
  }
  const std::string text = arguments.format == "json" ? report::plan_json(plan) : report::plan_text(plan);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return plan.not_within || !plan.missed.empty() ? kInfeasible : kOk;
}

}  // namespace

void add_plan(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command = program.add_subcommand(
      "plan", "the fewest whole units that keep a scenario's targets, interval by interval");
  arguments->scenario.add_to(*command);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--out", arguments->out,
                      "folder for plan.json, and for scenario.json, which run accepts");
  command->add_option("--threads", arguments->threads, "trials side by side: the same bytes sooner")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--trials-only", arguments->trials_only,
                    "do not run the day on the plan, nor mend it by that");
  command->callback(
      [arguments, &exit_code] { exit_code = arguments->scenario.of_file([&] { return plan(*arguments); }); });
}

}  // namespace tideline::tools
