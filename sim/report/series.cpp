#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/numbers.h"
#include "sim/report/report.h"

namespace tideline::report {

using metrics::Minute;

std::string series_csv(const scenario::Result& r) {
  const std::vector<Column> all = columns(r);
  std::string out = "minute,local_time";
  for (const Column& c : all) out += fmt::format(",{}", c.name);
  out += "\n";
  for (std::size_t i = 0; i < r.minutes.size(); ++i) {
    out +=
        fmt::format("{},{}", i, local_clock(r.scenario, {static_cast<std::int64_t>(i) * 60 * kNsPerSecond}));
    for (const Column& c : all) out += fmt::format(",{:.10g}", c.value(r.minutes[i]));
    out += "\n";
  }
  return out;
}

// One array a column, on one line.
std::string series_json(const scenario::Result& r) {
  using Json = nlohmann::ordered_json;
  std::string out = "{\n";
  out += fmt::format("\"question\": {},\n\"start\": {},\n\"minutes\": {}", Json(r.scenario.question).dump(),
                     Json(r.scenario.start).dump(), r.minutes.size());
  for (const Column& c : columns(r)) {
    std::vector<std::string> values;
    for (const Minute& m : r.minutes) values.push_back(fmt::format("{:.10g}", c.value(m)));
    out += fmt::format(",\n\"{}\": [{}]", c.name, fmt::join(values, ", "));
  }
  return out + "\n}\n";
}

}  // namespace tideline::report
