// What does a fleet take from its nodes where the scenario does not say?
#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/fleet/fleet.h"
#include "tests/doctest.h"

namespace tideline::fleet {
namespace {

BytesPerSecond read_rate(const catalog::NodeType& node, const std::vector<std::string>& overrides) {
  const config::Document scenario = config::Document::load(TIDELINE_FLAGSHIP, overrides);
  const Fleet f =
      read_fleet(scenario.root(), catalog::load_llm("deepseek-v3"), node, 0, Duration{kNsPerHour}, false);
  return f.prefill.cache_read_rate;
}

TEST_CASE("cached prefixes are read from storage at the rate of the node, where the scenario has none") {
  catalog::NodeType node = catalog::load_node("h800-8");
  node.storage = BytesPerSecond(7e9);
  CHECK(read_rate(node, {}) == BytesPerSecond(7e9));
  CHECK(read_rate(node, {"fleet.cache_read_rate=3 GB/s"}) == BytesPerSecond(3e9));
}

}  // namespace
}  // namespace tideline::fleet
