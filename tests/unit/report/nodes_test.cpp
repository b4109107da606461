#include "sim/report/fleet_json.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

Instant minute(std::int64_t n) {
  return {n * 60 * kNsPerSecond};
}

// Units of 4 and 18 nodes, one spare, ten minutes; at most 45 nodes are held at once.
scenario::Result fleet_of(std::vector<fleet::UnitsFrom> prefill, std::vector<fleet::UnitsFrom> decode) {
  scenario::Result r;
  r.scenario.window = minute(10) - Instant{};
  r.scenario.fleet.prefill.unit.nodes = 4;
  r.scenario.fleet.decode.unit.nodes = 18;
  r.scenario.fleet.decode.availability.spares = 1;
  r.statement.nodes_peak = 45;
  r.totals.prefill_units = std::move(prefill);
  r.totals.decode_units = std::move(decode);
  return r;
}

scenario::Result fewer_later() {
  return fleet_of({{minute(-5), {.serving = 2}}}, {{minute(-5), {.serving = 2}},
                                                   {minute(3), {.serving = 1, .draining = 1}},
                                                   {minute(4), {.serving = 1}}});
}

TEST_CASE("nodes are told when they change, by what they do") {
  const auto lines = nodes_json(fewer_later());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].dump() == R"({"from_s":0.0,"prefill_serving":8,"decode_serving":36,"draining":0,)"
                           R"("starting":0,"down":0,"maintenance":0,"standby":1,"freed":0})");
  CHECK(lines[1]["from_s"] == 180.0);
  CHECK(lines[1]["draining"] == 18);
  CHECK(lines[2]["draining"] == 0);
}

TEST_CASE("freed are nodes that are paid for and not held: none where they are paid for as they are used") {
  scenario::Result r = fewer_later();
  const auto freed = [&] {
    std::vector<std::int64_t> nodes;
    for (const auto& line : nodes_json(r)) nodes.push_back(line["freed"]);
    return nodes;
  };
  using Nodes = std::vector<std::int64_t>;
  CHECK(freed() == Nodes{0, 0, 0});
  r.scenario.terms.commitment = finance::Commitment::kRoundTheClock;
  CHECK(freed() == Nodes{0, 0, 18});
  r.scenario.terms.committed_nodes = 50;
  CHECK(freed() == Nodes{5, 5, 23});
  r.scenario.terms.committed_nodes = 40;  // five more are leased while they are held
  CHECK(freed() == Nodes{0, 0, 13});
}

TEST_CASE("what changed before the window is its beginning, what changes after it is not told") {
  const auto lines = nodes_json(fleet_of({{minute(-5), {.serving = 1}}, {minute(-1), {.serving = 2}}},
                                         {{minute(-5), {.serving = 1}}, {minute(10), {.serving = 2}}}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["from_s"] == 0.0);
  CHECK(lines[0]["prefill_serving"] == 8);
}

TEST_CASE("of two changes at one instant only what they come to is told") {
  const auto lines = nodes_json(fleet_of({{minute(0), {.serving = 1}}, {minute(5), {.serving = 2}}},
                                         {{minute(0), {.serving = 2}}, {minute(5), {.serving = 1}}}));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["decode_serving"] == 36);
  CHECK(lines[1]["prefill_serving"] == 8);
  CHECK(lines[1]["decode_serving"] == 18);
}

}  // namespace
}  // namespace tideline::report
