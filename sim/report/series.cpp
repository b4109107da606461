#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "sim/report/numbers.h"
#include "sim/report/report.h"

namespace tideline::report {
namespace {

using metrics::Minute;

struct Column {
  std::string_view name;
  std::function<double(const Minute&)> value;
};

std::vector<Column> columns(const scenario::Result& r) {
  const auto gpus = static_cast<double>(r.scenario.fleet.decode.unit.gpus());
  const auto per_gpu = [gpus](const Minute& m) {
    return m.decode_units.serving > 0.0 ? m.on_ranks / (m.decode_units.serving * gpus) : 0.0;
  };
  const auto count = [](auto member) {
    return [member](const Minute& m) { return static_cast<double>(m.*member); };
  };
  std::vector<Column> all = {
      {"arrivals", count(&Minute::arrivals)},
      {"finished", count(&Minute::finished)},
      {"input_hit_tokens", count(&Minute::input_hit_tokens)},
      {"input_miss_tokens", count(&Minute::input_miss_tokens)},
      {"output_tokens", count(&Minute::output_tokens)},
      {"prefill_waiting", count(&Minute::prefill_waiting)},
      {"prefill_computing", count(&Minute::prefill_computing)},
      {"decode_waiting", count(&Minute::decode_waiting)},
      {"decode_moving", count(&Minute::decode_moving)},
      {"on_ranks", count(&Minute::on_ranks)},
      {"requests_per_gpu", per_gpu},
      {"requests_per_gpu_that_fit",  // at the cache that they hold on average
       [per_gpu](const Minute& m) { return m.kv_mean > 0.0 ? per_gpu(m) / m.kv_mean : 0.0; }},
      {"kv_mean", count(&Minute::kv_mean)},
      {"kv_fullest", count(&Minute::kv_fullest)},
      {"prefill_serving", [](const Minute& m) { return m.prefill_units.serving; }},
      {"prefill_starting", [](const Minute& m) { return m.prefill_units.starting; }},
      {"prefill_down", [](const Minute& m) { return m.prefill_units.down; }},
      {"decode_serving", [](const Minute& m) { return m.decode_units.serving; }},
      {"decode_starting", [](const Minute& m) { return m.decode_units.starting; }},
      {"decode_down", [](const Minute& m) { return m.decode_units.down; }},
      {"prefill_busy", count(&Minute::prefill_busy)},
      {"decode_busy", count(&Minute::decode_busy)},
  };
  if (r.scenario.slos) {
    all.push_back({"good", count(&Minute::good)});
    all.push_back({"good_output_tokens", count(&Minute::good_output_tokens)});
  }
  return all;
}

}  // namespace

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
