// What EPLB promises of the counts that its plan is made on, whatever they are.
#include <algorithm>
#include <cmath>

#include "sim/moe/eplb.h"
#include "tests/doctest.h"
#include "tests/swarm/dice.h"

namespace tideline::swarm {
namespace {

double busiest(const moe::Placement& placement, const std::vector<double>& counts) {
  const std::vector<double> load = placement.load_by_gpu(counts);
  return *std::ranges::max_element(load);
}

TEST_CASE("on the counts it was made for, a plan leaves no GPU busier than experts in order") {
  for_numbers(2000, [](std::uint64_t n) {
    INFO("TIDELINE_SWARM=", n, " repeats this plan");
    Dice dice(n);
    const std::int64_t nodes = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 9, 18, 20, 40}), gpus = 8 * nodes;
    const std::int64_t slots = gpus * ((256 + gpus - 1) / gpus + dice.whole(0, 1));
    const moe::Cluster cluster{gpus, nodes, slots, 8};
    REQUIRE(moe::why_no_plan(cluster, 256) == "");
    std::vector<double> counts(256);
    const double skew = dice.between(0.0, 4.0);
    for (double& c : counts) c = std::exp(skew * dice.between(-1.0, 1.0));
    CAPTURE(gpus);
    CAPTURE(slots);
    CAPTURE(skew);
    CHECK(busiest(moe::eplb(counts, cluster), counts) <=
          busiest(moe::in_order(256, slots, gpus), counts) * (1 + 1e-12));
  });
}

}  // namespace
}  // namespace tideline::swarm
