// Do the drivers say what the statement says, and do the sensitivities agree with mathematics?
#include <cmath>
#include <numbers>

#include "sim/finance/monte_carlo.h"
#include "sim/finance/sobol.h"
#include "sim/finance/tornado.h"
#include "tests/doctest.h"
#include "tests/unit/finance/books.h"

namespace tideline::finance {
namespace {

using testing::busy_hours;
using testing::sold;
using testing::TwoHours;

const LeverInfo& lever(std::string_view name) {
  for (const LeverInfo& l : kLevers)
    if (l.name == name) return l;
  throw std::out_of_range("no such lever");
}
Range range(std::string_view name, double low, double high, Shape shape = Shape::kUniform) {
  return {.lever = &lever(name), .low = low, .high = high, .shape = shape, .reason = "", .drawn = {}};
}

TwoHours uncertain(double nodes_follow) {
  TwoHours t = busy_hours();
  t.terms.everyone.free_share = 0.25;
  t.terms.uncertainty =
      Uncertainty{.nodes_follow = nodes_follow, .ranges = {}, .other = sold("other", 30, 300, 1000)};
  return t;
}
// The statement under other terms and volumes, and what the drivers make of the same levers.
void agree(const TwoHours& changed, const TwoHours& base, void (*pull)(Levers&)) {
  const Drivers d = drivers_of(base.terms, base.ledger, base.statement());
  Levers levers = d.base;
  pull(levers);
  const Outcome o = outcome(d, levers);
  const Statement s = changed.statement();
  CHECK(o.revenue_usd == testing::about(s.revenue.total().usd(), 1e-4));  // micro-dollar cells
  CHECK(o.cost_usd == testing::about(s.cost.total().usd(), 1e-6));
}

TEST_CASE("nothing pulled: the drivers give the statement, committed nodes and all") {
  TwoHours t = uncertain(1.0);
  agree(t, t, [](Levers&) {});
  t.terms.commitment = Commitment::kRoundTheClock;
  t.terms.node_hour.energy = {500'000};
  t.terms.freed_value = {1'000'000};
  agree(t, t, [](Levers&) {});
}

TEST_CASE("rate, prices, paid share and model: as other terms would have it") {
  const TwoHours base = uncertain(1.0);
  TwoHours t = base;
  t.terms.node_hour.lease = {24'000'000};
  agree(t, base, [](Levers& l) { l.gpu_rate = 1.5; });
  t = base;
  t.terms.everyone.sold[0].usd_per_currency = 0.5;
  agree(t, base, [](Levers& l) { l.price = 0.5; });
  t = base;
  t.terms.everyone.free_share = 0.6;
  agree(t, base, [](Levers& l) { l.paid_share = 0.4; });
  t = base;
  t.terms.everyone.sold = {*base.terms.uncertainty->other};
  agree(t, base, [](Levers& l) { l.mix = 1.0; });
}

TEST_CASE("the share of the other model begins with what is sold at its book already") {
  TwoHours base = uncertain(1.0);
  const Sold other = *base.terms.uncertainty->other;
  base.terms.everyone.sold.push_back(other);
  base.terms.everyone.sold[0].share = 0.75, base.terms.everyone.sold[1].share = 0.25;
  CHECK(drivers_of(base.terms, base.ledger, base.statement()).base.mix == testing::about(0.25));
  agree(base, base, [](Levers&) {});
  TwoHours t = base;
  t.terms.everyone.sold[0].share = 0.5, t.terms.everyone.sold[1].share = 0.5;
  agree(t, base, [](Levers& l) { l.mix = 0.5; });
  t.terms.everyone.sold = {other};
  agree(t, base, [](Levers& l) { l.mix = 1.0; });
  t.terms.everyone.sold = {base.terms.everyone.sold[0]};
  t.terms.everyone.sold[0].share = 1.0;
  agree(t, base, [](Levers& l) { l.mix = 0.0; });
  // A class that is sold at the other book alone.
  base = uncertain(1.0);
  base.terms.by_class["api"] = {{other}, 0.25};
  CHECK(drivers_of(base.terms, base.ledger, base.statement()).base.mix > 0.2);
  agree(base, base, [](Levers&) {});
}

TEST_CASE("load: nodes follow as far as they are said to") {
  for (const double follow : {0.0, 0.5, 1.0}) {
    const TwoHours base = uncertain(follow);
    TwoHours t = base;
    for (auto& tokens : t.ledger.tokens)
      for (const Meter& m : kMeters) tokens.*m.tokens *= 3;
    for (HourNodes& h : t.ledger.hours)
      for (auto* nodes : {&h.prefill_ns, &h.decode_ns})
        for (std::int64_t& ns : *nodes) ns = std::llround(static_cast<double>(ns) * (1.0 + 2.0 * follow));
    agree(t, base, [](Levers& l) { l.load = 3.0; });
  }
}

// So many times the load, and the nodes with it.
TwoHours scaled(TwoHours t, double load) {
  for (auto& tokens : t.ledger.tokens)
    for (const Meter& m : kMeters)
      tokens.*m.tokens = std::llround(static_cast<double>(tokens.*m.tokens) * load);
  for (HourNodes& h : t.ledger.hours) {
    for (auto* nodes : {&h.prefill_ns, &h.decode_ns})
      for (std::int64_t& ns : *nodes) ns = std::llround(static_cast<double>(ns) * load);
    h.peak = std::llround(static_cast<double>(h.peak) * load);
  }
  return t;
}

TEST_CASE("load of nodes that are paid for round the clock: what is freed at one hour pays for no other") {
  TwoHours base = uncertain(1.0);  // three nodes for three quarters of an hour, then five
  base.terms.commitment = Commitment::kRoundTheClock;
  agree(scaled(base, 3.0), base, [](Levers& l) { l.load = 3.0; });  // as many as are held at once
  agree(scaled(base, 0.4), base, [](Levers& l) { l.load = 0.4; });
  base.terms.committed_nodes = 7;  // leased: what is held beyond them is paid for while it is held
  agree(scaled(base, 1.6), base, [](Levers& l) { l.load = 1.6; });
  agree(scaled(base, 0.4), base, [](Levers& l) { l.load = 0.4; });
  base.terms.owned = true;  // owned: at least as many as are held at once
  base.terms.node_hour.energy = {500'000};
  TwoHours more = scaled(base, 3.0);
  more.terms.committed_nodes = 15;
  agree(more, base, [](Levers& l) { l.load = 3.0; });
}

TEST_CASE("cache hits: misses become hits, and prefill nodes follow the misses") {
  const TwoHours base = uncertain(1.0);
  TwoHours t = base;
  const auto all = base.ledger.total_tokens();
  const double was = static_cast<double>(all.input_hit) / static_cast<double>(all.input());
  const double hit = 0.5 / was, miss = 0.5 / (1.0 - was);
  for (auto& tokens : t.ledger.tokens) {
    tokens.input_hit = std::llround(static_cast<double>(tokens.input_hit) * hit);
    tokens.input_miss = std::llround(static_cast<double>(tokens.input_miss) * miss);
  }
  for (HourNodes& h : t.ledger.hours)
    for (std::int64_t& ns : h.prefill_ns) ns = std::llround(static_cast<double>(ns) * miss);
  agree(t, base, [](Levers& l) { l.cache_hit_share = 0.5; });
}

TEST_CASE("cache hits where none were, or nothing else: at the price that the books ask of them") {
  for (const bool none : {true, false}) {
    TwoHours base = uncertain(0.0);
    for (auto& tokens : base.ledger.tokens)
      tokens = none ? metrics::TokenCounts{.input_hit = 0, .input_miss = 1'000'000, .output = tokens.output}
                    : metrics::TokenCounts{.input_hit = 1'000'000, .input_miss = 0, .output = tokens.output};
    TwoHours t = base;
    for (auto& tokens : t.ledger.tokens) tokens.input_hit = 250'000, tokens.input_miss = 750'000;
    agree(t, base, [](Levers& l) { l.cache_hit_share = 0.25; });
  }
}

TEST_CASE("a tornado is sorted by its swing and has each driver at both ends") {
  const TwoHours t = uncertain(1.0);
  const Drivers d = drivers_of(t.terms, t.ledger, t.statement());
  const auto swings =
      tornado(d, {range("price", 0.99, 1.01), range("gpu_rate", 0.5, 2.0), range("efficiency", 0.9, 1.1)});
  REQUIRE(swings.size() == 3);
  CHECK(swings[0].range.lever->name == "gpu_rate");
  for (std::size_t i = 1; i < swings.size(); ++i) CHECK(swings[i - 1].width_usd() >= swings[i].width_usd());
  CHECK(swings[0].low.cost_usd == testing::about(0.25 * swings[0].high.cost_usd));
}

TEST_CASE("Sobol indices of Ishigami's function are those that are known") {
  // f = sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1, x in (-pi, pi). Source: Saltelli et al. (2010), section 4.
  using std::numbers::pi;
  const auto f = [](std::span<const double> p) {
    const auto x = [&](std::size_t i) { return pi * (2.0 * p[i] - 1.0); };
    return std::sin(x(0)) + 7.0 * std::pow(std::sin(x(1)), 2.0) + 0.1 * std::pow(x(2), 4.0) * std::sin(x(0));
  };
  const double v1 = 0.5 * std::pow(1.0 + 0.1 * std::pow(pi, 4.0) / 5.0, 2.0), v2 = 49.0 / 8.0,
               v13 = 0.01 * std::pow(pi, 8.0) * (1.0 / 18.0 - 1.0 / 50.0), v = v1 + v2 + v13;
  const auto s = sobol_indices(3, 4096, f);
  CHECK(s[0].first == testing::about(v1 / v, 0.01));
  CHECK(s[0].total == testing::about((v1 + v13) / v, 0.01));
  CHECK(s[1].first == testing::about(v2 / v, 0.01));
  CHECK(s[1].total == testing::about(v2 / v, 0.01));
  CHECK(std::abs(s[2].first) < 0.005);
  CHECK(s[2].total == testing::about(v13 / v, 0.01));
  CHECK(sobol_indices(3, 4096, f, 3)[0].first == s[0].first);  // to the last bit
}

TEST_CASE("a function that does not vary has no indices") {
  CHECK(sobol_indices(2, 64, [](std::span<const double>) { return 3.0; })[1].total == 0.0);
}

TEST_CASE("ranges: a triangle's mode is where things stand, and its quantiles are the closed ones") {
  const Range r = range("price", 0.5, 1.5, Shape::kTriangular);
  CHECK(quantile(r, 1.0, 0.5) == testing::about(1.0));
  CHECK(quantile(r, 1.0, 0.125) == testing::about(0.75));
  CHECK(quantile(r, 0.5, 0.75) == testing::about(1.0));  // mode at the low end
  CHECK(quantile(range("price", 0.5, 1.5), 1.0, 0.25) == testing::about(0.75));
  CHECK(quantile(range("price", 1.0, 1.0, Shape::kTriangular), 1.0, 0.3) == 1.0);
}

TEST_CASE("bands of one uniform driver are its quantiles, and the same for the same seed") {
  const TwoHours t = uncertain(1.0);
  const Drivers d = drivers_of(t.terms, t.ledger, t.statement());
  Uncertainty u{.samples = 20'000, .seed = 7, .ranges = {range("gpu_rate", 0.0, 2.0)}, .other = {}};
  const Bands b = monte_carlo(d, u);
  const double cost = t.statement().cost.total().usd();
  CHECK(b.cost_usd.p10 == testing::about(0.2 * cost, 0.03));
  CHECK(b.cost_usd.p50 == testing::about(cost, 0.03));
  CHECK(b.cost_usd.p90 == testing::about(1.8 * cost, 0.03));
  CHECK(b.revenue_usd.p10 == b.revenue_usd.p90);
  CHECK(b.profit_usd.p10 < b.profit_usd.p90);
  CHECK(monte_carlo(d, u, 3).profit_usd.p50 == b.profit_usd.p50);
  CHECK(monte_carlo(d, u, 3).profit_usd.mean == b.profit_usd.mean);
  u.seed = 8;
  CHECK(monte_carlo(d, u).profit_usd.p50 != b.profit_usd.p50);
}

TEST_CASE("where nothing is paid for, no draw has a margin, and where nothing costs, none a ratio") {
  TwoHours t = uncertain(1.0);
  t.terms.everyone.free_share = 1.0;
  const Uncertainty u{.samples = 100, .ranges = {range("gpu_rate", 0.5, 2.0)}, .other = {}};
  Bands b = monte_carlo(drivers_of(t.terms, t.ledger, t.statement()), u);
  CHECK_FALSE(b.gross_margin.has_value());
  CHECK(b.cost_profit_ratio->p50 == -1.0);
  t = uncertain(1.0);
  t.terms.node_hour = {};
  b = monte_carlo(drivers_of(t.terms, t.ledger, t.statement()), u);
  CHECK_FALSE(b.cost_profit_ratio.has_value());
  CHECK(b.gross_margin->p50 == 1.0);
}

TEST_CASE("what a run says of its node-hours becomes what they may cost, unless a range is given") {
  const TwoHours t = uncertain(1.0);
  const Drivers d = drivers_of(t.terms, t.ledger, t.statement());
  std::optional<Uncertainty> u;
  add_bands_of_run({1.1, 0.9, 1.2, 1.0}, u);
  const double cost = t.statement().cost.total().usd();
  const Bands b = monte_carlo(d, *u);
  CHECK(b.cost_usd.p10 == testing::about(0.9 * cost));
  CHECK(b.cost_usd.p90 == testing::about(1.2 * cost));
  CHECK(b.cost_usd.mean == testing::about(1.05 * cost, 0.005));
  CHECK(b.revenue_usd.p10 == b.revenue_usd.p90);

  u->ranges = {range("efficiency", 2.0, 2.0)};
  add_bands_of_run({1.1, 0.9, 1.2, 1.0}, u);
  CHECK(monte_carlo(d, *u).cost_usd.p50 == testing::about(2.0 * cost));
}

}  // namespace
}  // namespace tideline::finance
