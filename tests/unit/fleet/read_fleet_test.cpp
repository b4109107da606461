// What does a fleet take from its nodes where the scenario does not say? When is a unit out that the scenario
// takes out?
#include <cstdint>
#include <string>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/fleet/fleet.h"
#include "tests/doctest.h"

namespace tideline::fleet {
namespace {

Fleet read(const config::Document& scenario, const catalog::NodeType& node, Duration window) {
  return read_fleet(scenario.root(), catalog::load_llm("deepseek-v3"), node,
                    {config::read_start(scenario.root()), window, Duration{kNsPerHour}});
}

BytesPerSecond read_rate(const catalog::NodeType& node, const std::vector<std::string>& overrides) {
  return read(config::Document::load(TIDELINE_FLAGSHIP, overrides), node, {kNsPerHour})
      .prefill.cache_read_rate;
}

TEST_CASE("cached prefixes are read from storage at the rate of the node, where the scenario has none") {
  catalog::NodeType node = catalog::load_node("h800-8");
  node.storage = BytesPerSecond(7e9);
  CHECK(read_rate(node, {}) == BytesPerSecond(7e9));
  CHECK(read_rate(node, {"fleet.cache_read_rate=3 GB/s"}) == BytesPerSecond(3e9));
}

// Hours after the start of the window, which is noon on 27 February, at which maintenance at that local time
// begins.
double hours_until(const std::string& at, double window_h) {
  const config::Document scenario = config::Document::load(
      TIDELINE_FLAGSHIP, {R"(decode.maintenance=[{"unit": 0, "down": "1 h", "at": ")" + at + "\"}]"});
  const Duration window{static_cast<std::int64_t>(window_h * 3600.0) * kNsPerSecond};
  const Fleet f = read(scenario, catalog::load_node("h800-8"), window);
  return static_cast<double>(f.decode.availability.maintenance.at(0).at.ns) / kNsPerHour;
}

TEST_CASE("maintenance at a time of day is at the first such time in the window, or else in the warm-up") {
  CHECK(hours_until("12:00", 24) == 0.0);
  CHECK(hours_until("03:00", 24) == 15.0);
  CHECK(hours_until("24:00", 24) == 12.0);
  CHECK(hours_until("11:45", 24) == 23.75);
  CHECK(hours_until("11:45", 2) == -0.25);
  CHECK(hours_until("11:00", 2) == -1.0);
  CHECK(hours_until("03:00", 72) == 15.0);
}

TEST_CASE("maintenance at the time of a date is then, on any day of the window") {
  CHECK(hours_until("2025-02-27T11:00", 24) == -1.0);
  CHECK(hours_until("2025-02-28T03:00", 72) == 15.0);
  CHECK(hours_until("2025-03-01T03:00", 72) == 39.0);
  CHECK(hours_until("2025-03-01T24:00", 72) == 60.0);
}

}  // namespace
}  // namespace tideline::fleet
