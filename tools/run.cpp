// tideline run SCENARIO: simulates it and prints the prediction beside what was published.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "sim/report/report.h"
#include "tools/output_files.h"
#include "tools/progress.h"
#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct RunArguments {
  ScenarioArguments scenario;
  std::string format = "text", out;
  std::string seed;
  int threads = std::thread::hardware_concurrency() > 1 ? 2 : 1;
  bool quiet = false;
};

int run(RunArguments arguments) {
  if (!arguments.seed.empty()) arguments.scenario.overrides.push_back("seed=" + arguments.seed);
  const scenario::Scenario scenario = arguments.scenario.read();
  if (!arguments.out.empty()) write_all(arguments.out, {});  // before a minute is spent
  Progress progress(scenario.warm_up, scenario.window, !arguments.quiet && isatty(STDERR_FILENO));
  const scenario::Result result = scenario::run(
      scenario, {.threads = arguments.threads,
                 .progress = [&](Instant now, std::uint64_t requests) { progress.show(now, requests); }});
  progress.clear();

  if (!arguments.out.empty())
    write_all(arguments.out,
              {{"result.json", report::json(result)}, {"hours.csv", report::hourly_csv(result)}});
  const std::string text = arguments.format == "json"  ? report::json(result)
                           : arguments.format == "csv" ? report::summary_csv(result)
                                                       : report::text(result);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return result.totals.saturated() ? kInfeasible : kOk;
}

}  // namespace

void add_run(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command =
      program.add_subcommand("run", "simulate a scenario: throughput, latency, nodes, cost, margin");
  arguments->scenario.add_to(*command);
  command->add_option("--format", arguments->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->add_option("--out", arguments->out, "folder for result.json and hours.csv");
  command->add_option("--seed", arguments->seed, "seed of every random stream (default: the scenario's)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--threads", arguments->threads,
                   "1, or 2 for prefill beside decode: the same bytes sooner")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "no progress on stderr");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace tideline::tools
