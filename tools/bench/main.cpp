// tideline-bench: how fast is it on this machine? Prints one line a measurement; `tideline-bench NAME...`
// runs only those. To add one, declare it in measurement.h and add a line to the list.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/bench/measurement.h"

namespace {

using tideline::bench::Measurement;
using tideline::bench::Result;

const std::array kMeasurements{
    Measurement{"hold", "pop the earliest of 100,000 events, push a later one", tideline::bench::hold},
};

bool is_known(const std::string& name) {
  return std::any_of(kMeasurements.begin(), kMeasurements.end(),
                     [&](const Measurement& m) { return m.name == name; });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  for (const std::string& name : wanted)
    if (!is_known(name)) {
      fmt::print(stderr, "tideline-bench: no measurement is called '{}'. Known:\n", name);
      for (const Measurement& m : kMeasurements) fmt::print(stderr, "  {}\n", m.name);
      return 2;
    }
  fmt::print("{:<12} {:>12} {:>12} {:>12}  {}\n", "measurement", "median", "least", "most", "one operation");
  for (const Measurement& m : kMeasurements) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), m.name) == wanted.end()) continue;
    const Result r = m.run();
    fmt::print("{:<12} {:>9.1f} ns {:>9.1f} ns {:>9.1f} ns  {}\n", m.name, r.median, r.least, r.most,
               m.operation);
    std::fflush(stdout);
  }
  return 0;
}
