// tideline-bench: how fast is it on this machine? Prints one line a measurement, with its ratio to the hold
// operation where that was measured before it; `tideline-bench NAME...` runs only those named. To add one,
// declare it in measurement.h and add a line to the list.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tools/bench/measurement.h"

namespace {

using tideline::bench::Measurement;
using tideline::bench::Result;

const std::array kMeasurements{
    Measurement{"hold", "pop the earliest of 100,000 events, push a later one", tideline::bench::hold},
    Measurement{"fleet", "a request of the flagship day, step times given", tideline::bench::fleet_alone},
    Measurement{"fleet-2", "the same on two cores", tideline::bench::fleet_on_two},
    Measurement{"fleet-load", "the same with twice the load on twice the units",
                tideline::bench::fleet_twice_the_load},
    Measurement{"fleet-hour", "the same for an hour longer", tideline::bench::fleet_for_longer},
    Measurement{"exchange", "dispatch and combine of 144 GPUs, spread by shares",
                tideline::bench::exchange_shares},
    Measurement{"exchange-all", "the same, from who sends what to whom", tideline::bench::exchange_matrix},
    Measurement{"prefix", "a block of a prefix cache of 10 million: looked up and held",
                tideline::bench::prefix_block},
    Measurement{"sessions", "a request of the DeepSeek day by sessions, its hits found",
                tideline::bench::session_request},
    Measurement{"step", "a decode step of 144 GPUs, every kernel of each", tideline::bench::decode_step},
    Measurement{"surfaces", "both surfaces of the flagship's units, nothing stored",
                tideline::bench::surfaces},
    Measurement{"sweep-run", "the simulation of a point of a study of small days",
                tideline::bench::sweep_simulation},
    Measurement{"sweep-point", "all of such a point: read, simulated, its row written",
                tideline::bench::sweep_point},
    Measurement{"sweep-two", "the same, two at a time on two cores", tideline::bench::sweep_point_on_two},
    Measurement{"sweep-loads-run", "the simulation of a point that is a scenario of its own",
                tideline::bench::sweep_loads_simulation},
    Measurement{"sweep-loads", "all of such a point", tideline::bench::sweep_loads},
    Measurement{"sweep-steps", "the same with steps of its own, which are simulated anew",
                tideline::bench::sweep_steps},
    Measurement{"sweep-write", "a row of results with ten metrics, written", tideline::bench::sweep_write},
    Measurement{"sweep-merge", "a row of results read and merged into SQLite", tideline::bench::sweep_merge},
    Measurement{"run", "the same, step times modelled, latencies recorded", tideline::bench::whole_run},
};

bool is_known(const std::string& name) {
  return std::any_of(kMeasurements.begin(), kMeasurements.end(),
                     [&](const Measurement& m) { return m.name == name; });
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  for (const std::string& name : wanted)
    if (!is_known(name)) {
      fmt::print(stderr, "tideline-bench: no measurement is called '{}'. Known:\n", name);
      for (const Measurement& m : kMeasurements) fmt::print(stderr, "  {}\n", m.name);
      return 2;
    }
  fmt::print("{:<15} {:>12} {:>12} {:>12} {:>8} {:>8}  {}\n", "measurement", "median", "least", "most",
             "holds", "memory", "one operation");
  double hold = 0.0;  // the yardstick, once it has been measured in this run
  for (const Measurement& m : kMeasurements) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), m.name) == wanted.end()) continue;
    const tideline::bench::PeakMemory memory;
    const Result r = m.run();
    const std::optional<double> held = memory.megabytes();
    if (m.name == "hold") hold = r.median;
    const std::string ratio = hold > 0.0 ? fmt::format("{:.2f}", r.median / hold) : "-";
    fmt::print("{:<15} {:>9.1f} ns {:>9.1f} ns {:>9.1f} ns {:>8} {:>8}  {}\n", m.name, r.median, r.least,
               r.most, ratio, held ? fmt::format("{:.0f} MB", *held) : "-", m.operation);
    std::fflush(stdout);
  }
  return 0;
} catch (const tideline::InputError& e) {
  fmt::print(stderr, "{}", e.what());
  return 2;
}
