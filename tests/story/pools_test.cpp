// Does each pool serve its part of the day as if it stood alone, and do the books of all add up?
#include "sim/pools/pools.h"

#include <filesystem>
#include <fstream>

#include "sim/scenario/load.h"
#include "tests/doctest.h"

namespace tideline::pools {
namespace {

// A part of the chat-and-api day, ten minutes of it: R1 on one pool, V3 on another, which gives a unit
// back when the other takes one.
const std::vector<std::string> kSmall = {"decode.nodes=4", "decode.redundant_experts=32", "duration=10 min",
                                         "warm_up=1 min", "workload.output_tokens_per_day=1 Gtok"};
const std::string kPools = R"({
  "r1": {"workload": {"only": ["r1_chat"]},
         "fleet": {"schedule": [{"from": "00:00", "prefill_units": 1, "decode_units": 1},
                                {"from": "12:05", "prefill_units": 2, "decode_units": 1}]}},
  "v3": {"workload": {"only": ["v3_chat", "api"]},
         "money": {"price_book": "deepseek-v3-list-2025-02-usd"},
         "fleet": {"schedule": [{"from": "00:00", "prefill_units": 2, "decode_units": 1},
                                {"from": "12:05", "prefill_units": 1, "decode_units": 1}]}}})";

config::Document day() {
  return config::Document::load(TIDELINE_CHAT_AND_API, kSmall).with({"published=null", "pools=" + kPools});
}

double figure(const std::vector<scenario::Figure>& figures, std::string_view key) {
  return scenario::value_of(figures, key).value();
}

TEST_CASE(
    "a pool has its classes, its share of the load, and the rest of the file under what it says itself") {
  const Pools pools = read(day());
  REQUIRE(pools.pools.size() == 2);
  const scenario::Scenario &r1 = pools.pools[0].scenario, &v3 = pools.pools[1].scenario;
  CHECK(r1.workload.class_names() == std::vector<std::string>{"r1_chat"});
  CHECK(v3.workload.class_names() == std::vector<std::string>{"v3_chat", "api"});
  CHECK(v3.workload.class_cumulative.back() == 1.0);
  const scenario::Scenario whole = scenario::read(
      config::Document::load(TIDELINE_CHAT_AND_API, {"workload.output_tokens_per_day=1 Gtok"}));
  CHECK(r1.workload.rate[0] + v3.workload.rate[0] == doctest::Approx(whole.workload.rate[0]).epsilon(1e-12));
  CHECK(r1.workload.rate[0] == doctest::Approx(0.598209 * whole.workload.rate[0]).epsilon(1e-9));
  CHECK(r1.fleet.schedule.front().prefill_units == 1);
  CHECK(v3.fleet.schedule.front().prefill_units == 2);
  CHECK(r1.terms.everyone.sold.front().model != v3.terms.everyone.sold.front().model);
  CHECK(r1.seed != v3.seed);
}

const PooledResult& side_by_side() {
  static const PooledResult result = run(read(day()), {.threads = 2});
  return result;
}

TEST_CASE("each pool gives what it gives alone, and money, tokens and nodes add up") {
  const Pools pools = read(day());
  const PooledResult& all = side_by_side();
  finance::HourStatement sum;
  double nodes = 0.0;
  for (std::size_t i = 0; i < 2; ++i) {
    const scenario::Result alone = scenario::run(pools.pools[i].scenario);
    CHECK(alone.totals.digest == all.results[i].totals.digest);
    sum.tokens += alone.statement.tokens;
    sum.revenue += alone.statement.revenue;
    sum.cost += alone.statement.cost;
    nodes += alone.statement.nodes_mean;
  }
  Money revenue, cost;
  for (const PooledHour& h : all.hours)
    revenue = revenue + h.money.revenue.total(), cost = cost + h.money.cost.total();
  CHECK(revenue == sum.revenue.total());
  CHECK(cost == sum.cost.total());
  CHECK(figure(all.figures, "output_tokens") == static_cast<double>(sum.tokens.output));
  CHECK(figure(all.figures, "nodes_mean") == doctest::Approx(nodes).epsilon(1e-12));
}

TEST_CASE("FILE#NAME is the pool of that name alone: as among the others, and nothing published of all") {
  const std::string file = std::filesystem::temp_directory_path() / "tideline-pools.json";
  std::ofstream(file) << R"({"extends": ")" << TIDELINE_CHAT_AND_API << R"(", "pools": )" << kPools << "}";
  REQUIRE_FALSE(scenario::read(config::Document::load(TIDELINE_CHAT_AND_API)).published.empty());
  const scenario::Scenario v3 = scenario::read(scenario::load(file + "#v3", kSmall));
  CHECK(v3.published.empty());
  CHECK(scenario::run(v3).totals.digest == side_by_side().results[1].totals.digest);

  CHECK_THROWS_WITH_AS((void)scenario::load(file + "#v4"),
                       doctest::Contains("this file has no pool \"v4\"\n  did you mean \"v3\"?"), InputError);
  // What is set lies over the pool, and a file whose name has such a sign is itself.
  CHECK(scenario::read(scenario::load(file + "#v3", {"money.price_book=deepseek-r1-list-2025-02-usd"}))
            .effective != scenario::read(scenario::load(file + "#v3")).effective);
  std::filesystem::rename(file, file + "#v3");
  CHECK(scenario::file_of(file + "#v3") == file + "#v3");
  std::filesystem::remove(file + "#v3");
}

TEST_CASE("a node that one pool gives back when another takes it is not needed twice") {
  const PooledResult& all = side_by_side();
  // R1: 4 then 8 prefill and 4 decode nodes; V3: 8 then 4, and 4.
  CHECK(all.results[0].statement.nodes_peak == 12);
  CHECK(all.results[1].statement.nodes_peak == 12);
  CHECK(figure(all.figures, "nodes_peak") == 20.0);
  CHECK(figure(all.figures, "nodes_mean") == doctest::Approx(20.0).epsilon(1e-12));
}

}  // namespace
}  // namespace tideline::pools
