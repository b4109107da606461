// tideline export SCENARIO --out FILE: the requests of a scenario as a trace, for other simulators or for
// another run.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sim/workload/traces/decimal.h"
#include "sim/workload/traces/writer.h"
#include "tools/from_zero.h"
#include "tools/interruption.h"
#include "tools/output_files.h"
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

// The requests of another source, counted for whoever interrupts.
class Counted : public workload::ArrivalSource {
 public:
  explicit Counted(workload::ArrivalSource& source) : source_(source) {}
  std::size_t read(std::span<workload::Arrival> arrivals) override {
    const std::size_t read = source_.read(arrivals);
    how_far(fmt::format("after {} requests of the trace", count_ += read));
    return read;
  }

 private:
  workload::ArrivalSource& source_;
  std::uint64_t count_ = 0;
};

int write(const ExportArguments& arguments) {
  const scenario::Scenario s = arguments.scenario.read();
  NewFile file(arguments.out);
  // From the warm-up on, as a run has them: read back under the same warm-up, they fall as they did.
  const Instant start{-s.warm_up.ns};
  const auto arrivals = workload::make_arrivals(s.workload, s.seed, s.replication, start);
  Counted counted(*arrivals);
  traces::WriteSettings settings{
      .format = arguments.format == "mooncake" ? traces::WriteFormat::kMooncake : traces::WriteFormat::kAzure,
      .origin_ns = traces::date_ns(s.start.substr(0, 19)).value_or(0),
      .begin = start,
      .classes = {},
      .requests = arguments.requests,
      .end = Instant{s.window.ns}};
  for (const auto& c : s.workload.classes) settings.classes.push_back(c.name());
  const std::uint64_t written = traces::write_trace(counted, settings, file.out());
  file.finish();
  fmt::print("{}: {} requests\n", arguments.out, written);
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
  command->add_option("--requests", arguments->requests, "at most this many (default: all of the window)")
      ->check(from_zero());
  command->callback([arguments, &exit_code] { exit_code = write(*arguments); });
}

}  // namespace tideline::tools
