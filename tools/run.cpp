// tideline run SCENARIO: simulates it, or several pools of it, and prints the prediction beside what was
// published.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sim/report/pools_report.h"
#include "sim/report/report.h"
#include "tools/output_files.h"
#include "tools/progress.h"
#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct RunArguments {
  ScenarioArguments scenario;
  std::string format = "text", out, series;
  std::string seed;
  int threads = std::thread::hardware_concurrency() > 1 ? 2 : 1;
  bool quiet = false;
};

// What a run prints and writes, and how it ends.
struct Output {
  std::string text;
  std::vector<std::pair<std::string, std::string>> files;
  bool saturated = false, slo_holds = true;
};

// Before a minute is spent.
void make_folders(const RunArguments& a) {
  if (!a.out.empty()) write_all(a.out, {});
  if (!a.series.empty()) write_all(folder_of(a.series), {});
}

std::string one_of(const std::string& format, const auto& text, const auto& json, const auto& csv) {
  return format == "json" ? json() : format == "csv" ? csv() : text();
}

Output run_one(const RunArguments& a, const scenario::Scenario& scenario) {
  make_folders(a);
  Progress progress(scenario.warm_up, scenario.window, !a.quiet && isatty(STDERR_FILENO));
  const scenario::Result r = scenario::run(
      scenario, {.threads = a.threads,
                 .progress = [&](Instant now, std::uint64_t requests) { progress.show(now, requests); }});
  progress.clear();
  Output out;
  out.saturated = r.saturated(), out.slo_holds = r.slo_holds();
  out.text = one_of(
      a.format, [&] { return report::text(r); }, [&] { return report::json(r); },
      [&] { return report::summary_csv(r); });
  if (!a.out.empty())
    out.files = {{a.out + "/result.json", report::json(r)}, {a.out + "/hours.csv", report::hourly_csv(r)}};
  if (!a.series.empty())
    out.files.emplace_back(a.series,
                           a.series.ends_with(".json") ? report::series_json(r) : report::series_csv(r));
  return out;
}

// Several pools: each has a folder of its own, as if it had been run alone.
Output run_pools(const RunArguments& a, const pools::Pools& pools) {
  if (!a.series.empty())
    throw InputError(Problem{.file = "--series",
                             .message = "these are several pools: there is one for each of them alone"});
  make_folders(a);
  const pools::PooledResult r = pools::run(pools, {.threads = a.threads, .progress = {}});
  Output out;
  out.saturated = r.saturated(), out.slo_holds = r.slo_holds();
  out.text = one_of(
      a.format, [&] { return report::pools_text(r); }, [&] { return report::pools_json(r); },
      [&] { return report::pools_summary_csv(r); });
  if (a.out.empty()) return out;
  out.files = {{a.out + "/pools.json", report::pools_json(r)},
               {a.out + "/hours.csv", report::pools_hourly_csv(r)}};
  for (std::size_t i = 0; i < r.results.size(); ++i) {
    const std::string folder = a.out + "/" + pools.pools[i].name;
    out.files.emplace_back(folder + "/result.json", report::json(r.results[i]));
    out.files.emplace_back(folder + "/hours.csv", report::hourly_csv(r.results[i]));
  }
  return out;
}

int run(RunArguments arguments) {
  if (!arguments.seed.empty()) arguments.scenario.overrides.push_back("seed=" + arguments.seed);
  const config::Document document = arguments.scenario.document();
  const Output out = pools::has_pools(document) ? run_pools(arguments, pools::read(document))
                                                : run_one(arguments, scenario::read(document));
  for (const auto& [file, text] : out.files) write_one(file, text);
  std::fwrite(out.text.data(), 1, out.text.size(), stdout);
  if (out.saturated) return kInfeasible;
  return out.slo_holds ? kOk : kThresholdFailed;
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
  command->add_option(
      "--series", arguments->series,
      "file for a line a minute: queues, KV, units, use (CSV; columns of JSON if it ends in .json)");
  command->add_option("--seed", arguments->seed, "seed of every random stream (default: the scenario's)")
      ->check([](const std::string& seed) {
        const bool whole = !seed.empty() && seed.find_first_not_of("0123456789") == std::string::npos;
        return whole ? "" : fmt::format("wants a whole number of 0 or more, found {}", seed);
      });
  command
      ->add_option("--threads", arguments->threads,
                   "1, or 2 for prefill beside decode: the same bytes sooner")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "no progress on stderr");
  command->callback(
      [arguments, &exit_code] { exit_code = arguments->scenario.of_file([&] { return run(*arguments); }); });
}

}  // namespace tideline::tools
