#include "sim/moe/eplb.h"

#include <algorithm>
#include <set>

#include "sim/moe/popularity.h"
#include "tests/doctest.h"

namespace tideline::moe {
namespace {

TEST_CASE("the README's example gives the README's map") {
  const Cluster cluster{8, 2, 16, 4};
  CHECK(eplb({90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86}, cluster).expert_of_slot ==
        std::vector<std::int32_t>{5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1});
  CHECK(eplb({20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}, cluster).expert_of_slot ==
        std::vector<std::int32_t>{7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1});
}

TEST_CASE("on the counts it was made for, no plan is better; experts have slots, GPUs equally many") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
    for (const std::int64_t gpus : {8, 16, 32, 72, 144}) {
      const std::vector<double> counts = draw_odds({}, {0.8, 0.3, 0.0}, Day::kPlan, seed, 0);
      const Placement planned = eplb(counts, {gpus, gpus / 8, 288, 8});
      const Placement unplanned = in_order(256, 288, gpus);
      INFO("seed ", seed, ", ", gpus, " GPUs");
      CHECK(balancedness(planned.load_by_gpu(counts)) >= balancedness(unplanned.load_by_gpu(counts)));
      CHECK(planned.slots_per_gpu * gpus == 288);
      CHECK(std::ranges::min(planned.replicas) >= 1);
      double load = 0.0, counted = 0.0;
      for (const double l : planned.load_by_gpu(counts)) load += l;
      for (const double c : counts) counted += c;
      CHECK(load == testing::about(counted, 1e-12));
    }
}

TEST_CASE("replicas of an expert share its tokens evenly") {
  const Placement p = eplb({8.0, 1.0, 1.0, 1.0}, {2, 1, 6, 1});
  CHECK(p.replicas == std::vector<std::int32_t>{3, 1, 1, 1});
  for (std::int64_t s = 0; s < 6; ++s) CHECK(p.share(s) == 1.0 / p.replicas[p.expert_of_slot[s]]);
}

TEST_CASE("when nodes divide the groups, a group stays on one node") {
  const std::vector<double> counts = draw_odds({}, {0.8, 0.3, 0.0}, Day::kPlan, 9, 0);
  const Placement p = eplb(counts, {32, 4, 288, 8});
  std::vector<std::set<std::size_t>> nodes_of_group(8);
  for (std::size_t s = 0; s < 288; ++s) nodes_of_group[p.expert_of_slot[s] / 32].insert(s / 72);
  for (const auto& nodes : nodes_of_group) CHECK(nodes.size() == 1);
}

TEST_CASE("what cannot be planned says why") {
  CHECK(why_no_plan({136, 17, 288, 8}, 256) == "288 slots do not divide over 136 GPUs");
  CHECK(why_no_plan({32, 4, 224, 8}, 256) == "224 slots are too few for 256 experts");
  CHECK(why_no_plan({30, 4, 288, 8}, 256) == "30 GPUs do not divide over 4 nodes");
  CHECK(why_no_plan({32, 4, 288, 7}, 256) == "256 experts do not divide into 7 groups");
  CHECK(why_no_plan({32, 4, 288, 8}, 256).empty());
}

}  // namespace
}  // namespace tideline::moe
