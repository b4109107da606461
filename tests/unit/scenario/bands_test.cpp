#include "sim/scenario/bands.h"

#include <cmath>
#include <numeric>

#include "sim/scenario/response.h"
#include "tests/doctest.h"

namespace tideline::scenario {
namespace {

constexpr double kStepS = 0.08;

// An hour of the flagship's ten prefill and three decode units with so many requests on a decode GPU, half an
// hour of the same, and an hour of nobody.
Result made(double on_gpu) {
  Result r;
  r.scenario = read(config::Document::load(TIDELINE_FLAGSHIP, {"duration=3 h"}));
  r.decode_requests_per_gpu = on_gpu, r.decode_step_s = kStepS;
  r.prefill_pass_s = 1.4, r.prefill_budget_fill = 0.3, r.prefill_work_fill = 0.6;
  r.whole.output_speed_tok_s_user = 22.0, r.whole.ttft_s.p99 = 5.0;
  for (const double hours : {1.0, 0.5, 1.0}) {
    const bool nobody = r.hours.size() == 2;
    HourResult h;
    h.length = to_duration(Seconds(3600.0 * hours));
    h.nodes_prefill = 40, h.nodes_decode = 54;
    if (!nobody) {
      const double steps = on_gpu * h.nodes_decode * 8 * 3600.0 * hours / kStepS;
      h.service.tokens.requests = 1'000;
      h.service.tokens.output = 1'000 + static_cast<std::int64_t>(1.85 * steps);
      h.service.tokens.input_miss = static_cast<std::int64_t>(1'000.0 * h.nodes_prefill * 8 * 3600.0 * hours);
      h.service.itl_s.mean = kStepS, h.service.tpot_s.mean = kStepS / 1.85, h.service.ttft_s.p99 = 5.0;
      h.money.revenue.output = Money{5'000'000'000};
    }
    h.money.cost.prefill[0].lease = Money{static_cast<std::int64_t>(40e6 * 16 * hours)};
    h.money.cost.decode[0].lease = Money{static_cast<std::int64_t>(54e6 * 16 * hours)};
    r.hours.push_back(h);
    r.ledger.hours.push_back({{40 * h.length.ns}, {54 * h.length.ns}, 94});
  }
  return r;
}

// The same, with 97 nodes that are paid for round the clock.
Result committed(double on_gpu) {
  Result r = made(on_gpu);
  r.scenario.terms.commitment = finance::Commitment::kRoundTheClock;
  r.scenario.terms.committed_nodes = 97;
  return r;
}

TEST_CASE("nothing moved gives the run, hours cut short and hours of nobody among it") {
  for (const double on_gpu : {0.2, 3.0, 80.0}) {
    CAPTURE(on_gpu);
    const Headlines h = Response(committed(on_gpu)).at({});
    CHECK(h.output_speed == testing::about(22.0));
    CHECK(h.ttft_p99_s == testing::about(5.0));
    CHECK(h.nodes_mean == testing::about(94.0));
    CHECK(h.cost_usd == testing::about(97.0 * 16 * 2.5));
    CHECK(h.gross_margin == testing::about(1.0 - h.cost_usd / 10'000.0));
    CHECK(h.kept);
  }
}

TEST_CASE("slower steps want more nodes, and are slower by more than themselves at the nodes of the run") {
  const Response response(made(80.0));
  const Headlines h = response.at({.decode = std::log(1.05)});
  CHECK(h.nodes_mean > 94.0 * 1.05 * 54 / 94);
  CHECK(h.output_speed < 22.0 / 1.05);
  CHECK(response.at({.tokens = std::log(1.05)}).output_speed > 22.0 * 1.05);
}

TEST_CASE("what is freed is what is paid for and not held, hour by hour") {
  Result r = committed(80.0);
  const Shift half_more{.prefill = std::log(1.5)};  // 114 nodes instead of 94, where somebody is
  CHECK(Response(r).at(half_more).cost_usd == testing::about(16 * (114.0 * 1.5 + 97.0)));
  // Of nodes of which no number is given, those that are held at once are paid for at all times.
  r.scenario.terms.committed_nodes = 0;
  CHECK(Response(r).at({}).cost_usd == testing::about(16 * 94.0 * 2.5));
  CHECK(Response(r).at(half_more).cost_usd == testing::about(16 * 114.0 * 2.5));
}

TEST_CASE("nodes that stand by or start are as many however long steps and passes take") {
  Result r = made(80.0);
  for (std::size_t h = 0; h < 2; ++h) {
    const auto by_state = [&](auto& stage, finance::NodeState state) -> auto& {
      return stage[static_cast<std::size_t>(state)];
    };
    const std::int64_t ns = r.hours[h].length.ns;
    by_state(r.ledger.hours[h].prefill_ns, finance::NodeState::kStandby) = 4 * ns;
    by_state(r.ledger.hours[h].decode_ns, finance::NodeState::kStarting) = 18 * ns;
    by_state(r.hours[h].money.cost.decode, finance::NodeState::kStarting).lease = Money{1'000'000};
  }
  r.hours.pop_back(), r.ledger.hours.pop_back();
  CHECK(Response(r).at({}).nodes_mean == testing::about(94.0 + 22.0));
  CHECK(Response(r).at({.prefill = std::log(1.5)}).nodes_mean == testing::about(94.0 + 22.0 + 20.0));
}

TEST_CASE("where a step is as short as it gets, no number of nodes keeps its speed if it gets longer") {
  const Result alone = made(0.2);
  CHECK_FALSE(Response(alone).at({.decode = 0.1}).kept);
  const Bands b = draw_bands(alone);
  CHECK(b.not_kept > 0.1);
  REQUIRE(b.figures.size() == 2);  // what is said of the nodes that keep it is left out
  for (const Band& band : b.figures) CHECK(band.figure->given_nodes);
}

TEST_CASE("bands stand in order around the run, and their shares add up") {
  const Bands b = draw_bands(made(80.0));
  REQUIRE(b.figures.size() == kBanded.size());
  for (const Band& band : b.figures) {
    CAPTURE(band.figure->key);
    CHECK(band.p10 < band.p50);
    CHECK(band.p50 < band.p90);
    REQUIRE(band.shares.size() == b.sources.size());
    CHECK(std::accumulate(band.shares.begin(), band.shares.end(), 0.0) == testing::about(1.0));
  }
  CHECK(draw_bands(made(80.0), 3).figures[0].p10 == b.figures[0].p10);
}

TEST_CASE(
    "a run that earns nothing has no band of its margin, and one that costs nothing none of its ratio") {
  const auto has = [](const Bands& b, std::string_view key) {
    return std::ranges::any_of(b.figures, [&](const Band& band) { return band.figure->key == key; });
  };
  Result free = made(80.0);
  for (HourResult& h : free.hours) h.money.revenue = {};
  const Bands b = draw_bands(free);
  CHECK_FALSE(has(b, "gross_margin"));
  CHECK(has(b, "cost_profit_ratio"));
  for (HourResult& h : free.hours) h.money.revenue.output = Money{1'000'000}, h.money.cost = {};
  free.scenario.terms.node_hour = {};
  const Bands c = draw_bands(free);
  CHECK(has(c, "gross_margin"));
  CHECK_FALSE(has(c, "cost_profit_ratio"));
}

TEST_CASE("node-hours a token are the band of the nodes over the nodes of the run, whatever the load does") {
  Result r = made(80.0);
  r.hours.pop_back();  // the nodes of nobody are there whatever the load
  const auto tenths = [](const Bands& b) {
    REQUIRE(b.node_hours_a_token.size() == 100);
    CHECK(std::ranges::is_sorted(b.node_hours_a_token));
    return std::pair{b.node_hours_a_token[10], b.node_hours_a_token[89]};
  };
  const Bands b = draw_bands(r);
  const auto nodes = std::ranges::find(b.figures, &Headlines::nodes_mean,
                                       [](const Band& band) { return band.figure->value; });
  REQUIRE(nodes != b.figures.end());
  const double of_run = Response(r).at({}).nodes_mean;
  const auto [low, high] = tenths(b);
  CHECK(low == testing::about(nodes->p10 / of_run, 0.005));
  CHECK(high == testing::about(nodes->p90 / of_run, 0.005));

  r.scenario.uncertainty.load = {0.5, 1.5};
  const auto [low_too, high_too] = tenths(draw_bands(r));
  CHECK(low_too == testing::about(low, 0.05));
  CHECK(high_too == testing::about(high, 0.05));
}

}  // namespace
}  // namespace tideline::scenario
