#include "sim/report/fleet_json.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

// Units of 4 and 18 nodes, one spare; at most 45 nodes are held at once.
scenario::Result fleet_of(std::vector<metrics::Minute> minutes) {
  scenario::Result r;
  r.scenario.first_minute = 23 * 60 + 58;
  r.scenario.fleet.prefill.unit.nodes = 4;
  r.scenario.fleet.decode.unit.nodes = 18;
  r.scenario.fleet.decode.availability.spares = 1;
  r.statement.nodes_peak = 45;
  r.minutes = std::move(minutes);
  return r;
}

metrics::Minute minute(double prefill_serving, double decode_serving, double decode_draining = 0.0) {
  metrics::Minute m;
  m.prefill_units.serving = prefill_serving;
  m.decode_units.serving = decode_serving;
  m.decode_units.draining = decode_draining;
  return m;
}

TEST_CASE("nodes are told when they change, by the clock of the service and by what they do") {
  const auto lines = nodes_json(fleet_of({minute(2, 2), minute(2, 2), minute(2, 1, 1), minute(2, 1)}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["from"] == "23:58");
  CHECK(lines[1]["from"] == "00:00");
  CHECK(lines[1]["from_minute"] == 2);
  CHECK(lines[0]["prefill_serving"] == 8.0);
  CHECK(lines[0]["decode_serving"] == 36.0);
  CHECK(lines[1]["draining"] == 18.0);
  CHECK(lines[1]["freed"] == 0.0);
  CHECK(lines[2]["spare"] == 1.0);
  CHECK(lines[2]["freed"] == 18.0);
}

TEST_CASE("a fleet that changes every minute is told in longer stretches, in their mean") {
  std::vector<metrics::Minute> minutes;
  for (int i = 0; i < 1000; ++i) minutes.push_back(minute(i % 5 + i / 5, 1));
  const auto lines = nodes_json(fleet_of(minutes));
  REQUIRE(lines.size() == 200);
  CHECK(lines[1]["from_minute"] == 5);
  CHECK(lines[1]["prefill_serving"] == 12.0);  // 1 to 5 units of 4 nodes
}

}  // namespace
}  // namespace tideline::report
