#include "sim/finance/ledger.h"

#include "sim/finance/split.h"
#include "sim/finance/volumes.h"
#include "tests/doctest.h"

namespace tideline::finance {
namespace {

constexpr std::int64_t kMinute = 60 * kNsPerSecond;

TEST_CASE("parts add up to the whole and none is further than one from its share") {
  const std::vector<std::int64_t> weights = {1, 1, 1, 0, 4};
  const auto parts = split(100, weights);
  CHECK(parts ==
        std::vector<std::int64_t>{15, 14, 14, 0, 57});  // of three equal remainders the first is given
  CHECK(split(-100, weights) == std::vector<std::int64_t>{-15, -14, -14, 0, -57});
  const std::vector<std::int64_t> none = {0, 0};
  CHECK(split(7, none) == std::vector<std::int64_t>{4, 3});
  const std::vector<std::int64_t> huge = {900'000'000'000'000'000, 900'000'000'000'000'000};
  CHECK(split(1'000'000'000'000'000'001, huge)[0] == 500'000'000'000'000'001);
}

TEST_CASE("a run's ledger has tokens by slot and class, and every state of its nodes") {
  metrics::Day day({2 * kNsPerHour}, 2);
  const Instant at{20 * kMinute};
  const fleet::Finished request{.id = 0,
                                .arrival = at,
                                .first_token = at,
                                .last_token = at,
                                .input = 10,
                                .cached = 4,
                                .output = 7,
                                .request_class = 1};
  day.finished({&request, 1});
  fleet::Fleet fleet;
  fleet.prefill.unit.nodes = 4, fleet.decode.unit.nodes = 18;
  fleet.decode.availability.spares = 1;
  fleet::RunTotals totals;
  totals.prefill_units = {{Instant{-kMinute}, {.serving = 2}}, {Instant{90 * kMinute}, {.serving = 1}}};
  totals.decode_units = {{Instant{-kMinute}, {.serving = 1, .starting = 1}},
                         {Instant{30 * kMinute}, {.serving = 2}},
                         {Instant{60 * kMinute}, {.serving = 1, .draining = 1}}};
  Ledger ledger = empty_ledger({"chat", "api"}, {2 * kNsPerHour}, 0, 8);
  record(ledger, day, fleet, totals);
  CHECK(ledger.at(1, 1).input_miss == 6);
  CHECK(ledger.at(1, 0).requests == 0);
  CHECK(ledger.total_tokens().output == 7);
  const auto in = [&](std::size_t hour, NodeState state) {
    return ledger.hours[hour].decode_ns[static_cast<std::size_t>(state)];
  };
  CHECK(in(0, NodeState::kServing) == 18 * (30 + 2 * 30) * kMinute);
  CHECK(in(0, NodeState::kStarting) == 18 * 30 * kMinute);
  CHECK(in(1, NodeState::kDraining) == 18 * kNsPerHour);
  CHECK(in(1, NodeState::kStandby) == kNsPerHour);
  CHECK(total(ledger.hours[1].prefill_ns) == 4 * (2 * 30 + 30) * kMinute);
  CHECK(ledger.peak_nodes() == 8 + 36 + 1);
}

TEST_CASE("a spare in use does not stand by: the node that it replaces is down, and as many are paid for") {
  fleet::Fleet fleet;
  fleet.decode.unit.nodes = 4;
  fleet.decode.availability.spares = 2;
  fleet::RunTotals totals;
  totals.decode_units = {{Instant{}, {.serving = 1}},
                         {Instant{10 * kMinute}, {.down = 1}, 1},
                         {Instant{15 * kMinute}, {.serving = 1}, 1},
                         {Instant{40 * kMinute}, {.serving = 1}}};
  Ledger ledger = empty_ledger({"all"}, {kNsPerHour}, 0, 8);
  add_nodes(ledger, held_nodes(fleet, totals));
  const auto in = [&](NodeState state) { return ledger.hours[0].decode_ns[static_cast<std::size_t>(state)]; };
  CHECK(in(NodeState::kServing) == 4 * 55 * kMinute);
  CHECK(in(NodeState::kDown) == (4 * 5 + 30) * kMinute);
  CHECK(in(NodeState::kStandby) == (2 * 60 - 30) * kMinute);
  CHECK(total(ledger.hours[0].decode_ns) == 6 * kNsPerHour);
}

Ledger volumes(const std::string& more) {
  const auto document = config::Document::parse(
      R"({"input_tokens": "10 tok", "cached_input_tokens": "3 tok", "output_tokens": "2400 tok",
          "hourly_profile": [0,0,0,0,0,0,0,0,0,0,0,0,3,1,0,0,0,0,0,0,0,0,0,0],
          "nodes": [{"from": "12:30", "prefill": 1, "decode": 2},
                    {"from": "00:00", "prefill": 4, "decode": 5}])" +
          more + "}",
      "volumes.json");
  Ledger ledger = read_volumes(document.root(), 12 * 60);
  document.finish();
  return ledger;
}

TEST_CASE("published totals run with the hourly profile, an hour evenly, and add up") {
  const Ledger l = volumes("");
  CHECK(l.at(0, 0).output == 450);
  CHECK(l.at(3, 0).output == 450);
  CHECK(l.at(4, 0).output == 150);
  CHECK(l.at(8, 0).output == 0);
  const metrics::TokenCounts all = l.total_tokens();
  CHECK(all.input_hit == 3);
  CHECK(all.input_miss == 7);
  CHECK(all.output == 2400);
}

TEST_CASE("the schedule of nodes is of local days, and every node of it serves") {
  const Ledger l = volumes("");
  CHECK(l.hours[0].prefill_ns[0] == (4 + 1) * 30 * kMinute);
  CHECK(l.hours[1].decode_ns[0] == 2 * kNsPerHour);
  CHECK(l.hours[12].decode_ns[0] == 5 * kNsPerHour);  // from midnight
  CHECK(l.peak_nodes() == 9);
}

TEST_CASE("classes share the tokens of every slot") {
  const Ledger l = volumes(R"(, "classes": [{"name": "app", "share": 0.7}, {"name": "api", "share": 0.3}])");
  CHECK(l.at(0, 0).output == 315);
  CHECK(l.at(0, 1).output == 135);
  CHECK(l.total_tokens().input_miss == 7);
}

}  // namespace
}  // namespace tideline::finance
