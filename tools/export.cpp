// tideline export SCENARIO --out FILE: the requests of a scenario as a trace, for other simulators or for
// another run.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "sim/workload/traces/decimal.h"
#include "sim/workload/traces/writer.h"
#include "tools/scenario_arguments.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

namespace traces = workload::traces;

struct ExportArguments {
  ScenarioArguments scenario;
  std::string format = "azure", out;
  std::optional<std::uint64_t> requests;
};

// Under a temporary name first: a trace is never half there.
int write(const ExportArguments& arguments) {
  namespace fs = std::filesystem;
  const scenario::Scenario s = arguments.scenario.read();
  const fs::path path = arguments.out, part = path.string() + ".part";
  std::ofstream out(part, std::ios::binary);
  if (!out) throw InputError({.file = path.string(), .message = "cannot be written"});
  const auto arrivals = workload::make_arrivals(s.workload, s.seed, 0, Instant{0});
  traces::WriteSettings settings{
      .format = arguments.format == "mooncake" ? traces::WriteFormat::kMooncake : traces::WriteFormat::kAzure,
      .origin_ns = traces::date_ns(s.start.substr(0, 19)).value_or(0),
      .classes = {},
      .requests = arguments.requests,
      .end = Instant{s.window.ns}};
  for (const auto& c : s.workload.classes) settings.classes.push_back(c.name());
  const std::uint64_t written = traces::write_trace(*arrivals, settings, out);
  out.close();
  std::error_code failed;
  if (out) fs::rename(part, path, failed);
  if (!out || failed) throw InputError({.file = path.string(), .message = "cannot be written"});
  fmt::print("{}: {} requests\n", path.string(), written);
  return kOk;
}

}  // namespace

void add_export(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = program.add_subcommand("export", "write the requests of a scenario as a trace");
  arguments->scenario.add_to(*command);
  command->add_option("--out", arguments->out, "file for the trace")->required();
  command->add_option("--format", arguments->format, "azure (CSV) or mooncake (JSON lines)")
      ->check(CLI::IsMember({"azure", "mooncake"}));
  command->add_option("--requests", arguments->requests, "at most this many (default: the whole window)");
  command->callback([arguments, &exit_code] { exit_code = write(*arguments); });
}

}  // namespace tideline::tools
