#include "sim/finance/statement.h"

#include "sim/finance/break_even.h"
#include "tests/doctest.h"
#include "tests/unit/finance/books.h"

namespace tideline::finance {
namespace {

using testing::busy_hours;
using testing::sold;
using testing::TwoHours;

TEST_CASE("each meter is sold at the price in force when the request arrived") {
  TwoHours t;
  t.sell(29, 3'000'000, 1'000'000, 5'000'000);  // 08:29: half price
  t.sell(30, 3'000'000, 1'000'000, 5'000'000);  // 08:30: list
  const Statement s = t.statement();
  CHECK(s.revenue.input_hit.micro_usd == 50 + 100);
  CHECK(s.revenue.input_miss.micro_usd == 2 * (500 + 1000));
  CHECK(s.revenue.output.micro_usd == 5 * (2000 + 4000));
}

TEST_CASE("revenue in another currency is converted, costs are not") {
  TwoHours t;
  t.sell(90, 2'000'000, 0, 1);
  const Money cost = t.statement().cost.total();
  t.terms.everyone.sold[0].usd_per_currency = 0.5;
  CHECK(t.statement().revenue.input_miss.micro_usd == 1000);
  CHECK(t.statement().cost.total() == cost);
}

TEST_CASE("nodes are paid for as long as they are held") {
  const Statement s = TwoHours().statement();
  CHECK(s.cost.of_prefill().micro_usd == 2 * 2 * 16'000'000);
  CHECK(s.hours[0].cost.of_decode().micro_usd == (1 * 45 + 3 * 15) * 16'000'000 / 60);
  CHECK(s.hours[1].cost.of_decode().micro_usd == 3 * 16'000'000);
  CHECK(s.cost.of_freed() == Money{});
  CHECK(s.nodes_mean == doctest::Approx(2.0 + (0.75 * 1 + 1.25 * 3) / 2.0).epsilon(1e-12));
  CHECK(s.nodes_peak == 5);
}

TEST_CASE("round the clock, nodes that are not held are a line of their own, less what they are worth") {
  TwoHours t;
  t.terms.commitment = Commitment::kRoundTheClock;
  t.terms.node_hour.energy = {1'000'000};
  t.terms.freed_value = {4'000'000};
  const Statement s = t.statement();
  CHECK(s.hours[0].freed_node_ns == 2 * 45 * TwoHours::kMinute);  // two of five nodes, until 08:45
  CHECK(s.hours[1].freed_node_ns == 0);
  CHECK(s.cost.freed.lease.micro_usd == 24'000'000);
  CHECK(s.cost.freed.energy == Money{});  // the other work pays for its energy
  CHECK(s.cost.freed_value.micro_usd == 6'000'000);
  t.terms.committed_nodes = 7;
  CHECK(t.statement().hours[1].freed_node_ns == 2 * kNsPerHour);
}

TEST_CASE("hours, meters, states, classes and models all add up to the window, to the micro-dollar") {
  TwoHours t = busy_hours();
  t.terms.node_hour = {{15'999'991}, {7'777'777}, {1'234'567}, {333'331}, {987'653}};
  t.terms.commitment = Commitment::kRoundTheClock;
  t.terms.committed_nodes = 11;
  t.terms.everyone.free_share = 0.3;
  t.terms.everyone.sold.push_back(sold("other", 33, 777, 1999));
  t.terms.everyone.sold[0].share = 2.0 / 3.0, t.terms.everyone.sold[1].share = 1.0 / 3.0;
  const Statement s = t.statement();
  Revenue revenue, forgone;
  Cost cost;
  for (const HourStatement& h : s.hours) revenue += h.revenue, forgone += h.forgone, cost += h.cost;
  CHECK(revenue.total() == s.revenue.total());
  CHECK(cost.total() == s.cost.total());
  Sale sold_in_all;
  for (const Sale& sale : s.sales) sold_in_all += sale;
  CHECK(sold_in_all.revenue.total() == s.revenue.total());
  CHECK(sold_in_all.tokens.output == t.ledger.total_tokens().output);
  for (const auto& lines : {s.lines, s.by_model(), s.by_class()}) {
    Line all;
    for (const Line& line : lines) all += line;
    CHECK(all.revenue.total() == s.revenue.total());
    CHECK(all.forgone.total() == s.forgone.total());
    CHECK(all.cost() == s.cost.total());
    CHECK(all.profit() == s.profit());
    CHECK(all.tokens.output == t.ledger.total_tokens().output);
    CHECK(all.tokens.input_hit == t.ledger.total_tokens().input_hit);
  }
  CHECK(s.by_model().size() == 2);
  CHECK(s.by_class().size() == 2);
  CHECK(s.lines.size() == 4);
}

TEST_CASE("a class has its own terms: what it is sold at, and the share of it that is free") {
  TwoHours t;
  t.terms.by_class["api"] = {{sold("api", 0, 0, 8000)}, 0.25};
  t.sell(60, 1'000'000, 0, 4'000'000, 0);
  t.sell(60, 1'000'000, 0, 4'000'000, 1);
  const Statement s = t.statement();
  REQUIRE(s.by_class().size() == 2);
  CHECK(s.by_class()[0].revenue.output.micro_usd == 4 * 4000);
  CHECK(s.by_class()[1].revenue.output.micro_usd == 3 * 8000);
  CHECK(s.by_class()[1].forgone.output.micro_usd == 8000);
  CHECK(s.by_class()[1].given.output == 1'000'000);
}

TEST_CASE("an hour in which prices change is two sales of each line, one at each set of prices") {
  TwoHours t;
  for (const std::int64_t minute : {0, 15, 30, 45, 60}) t.sell(minute, 0, 0, 1'000'000);
  const Statement s = t.statement();
  REQUIRE(s.sales.size() == 3);
  CHECK(s.sales[0].revenue.output.micro_usd == 2 * 2000);
  CHECK(s.sales[1].revenue.output.micro_usd == 2 * 4000);
  CHECK(s.sales[1].hour == 0);
  CHECK(s.sales[2].hour == 1);
}

TEST_CASE("the share of another model is priced at its book, and the tokens of both add up") {
  TwoHours t;
  t.terms.everyone.sold.push_back(sold("half", 50, 500, 2000));
  t.terms.everyone.sold[0].share = 0.25, t.terms.everyone.sold[1].share = 0.75;
  t.sell(60, 0, 0, 4'000'001);
  const auto models = t.statement().by_model();
  REQUIRE(models.size() == 2);
  CHECK(models[0].tokens.output == 1'000'000);
  CHECK(models[1].tokens.output == 3'000'001);
  CHECK(models[1].revenue.output.micro_usd == 6000);
}

TEST_CASE(
    "the cost of an hour falls to the lines whose tokens it served: misses to prefill, output to decode") {
  TwoHours t;
  t.sell(0, 3'000'000, 0, 1'000'000, 0);
  t.sell(0, 1'000'000, 0, 3'000'000, 1);
  const Statement s = t.statement();
  CHECK(s.lines[0].cost_prefill.micro_usd == s.cost.of_prefill().micro_usd * 3 / 4);
  CHECK(s.lines[1].cost_decode.micro_usd ==
        s.cost.of_decode().micro_usd * 3 / 4);  // the empty hour like the other
}

TEST_CASE("cost per million tokens of the two meters adds up to the cost of the nodes held") {
  TwoHours t;
  t.sell(10, 2'500'000, 500'000, 4'000'000);
  t.sell(70, 1'000'000, 0, 1'000'000);
  const Statement s = t.statement();
  CHECK(*s.cost_per_million_miss * 3.0 + *s.cost_per_million_output * 5.0 ==
        doctest::Approx(s.cost.total().usd()).epsilon(1e-12));
  CHECK(*s.cost_per_million_miss * 3.0 == doctest::Approx(s.cost.of_prefill().usd()).epsilon(1e-12));
}

TEST_CASE("without sales there is no margin, and without costs no ratio") {
  CHECK_FALSE(gross_margin({}, {1}).has_value());
  CHECK_FALSE(cost_profit_ratio({1}, {}).has_value());
  CHECK(gross_margin({4}, {1}) == 0.75);
  CHECK(cost_profit_ratio({4}, {1}) == 3.0);
}

TEST_CASE("of a saturated run there are amounts, and no ratios of them") {
  TwoHours t = busy_hours();
  const Statement as_served = t.statement();
  t.ledger.saturated = true;
  const Statement s = t.statement();
  CHECK(s.saturated);
  CHECK(s.profit() == as_served.profit());
  CHECK(as_served.cost_profit_ratio().has_value());
  CHECK_FALSE(s.cost_profit_ratio().has_value());
  CHECK_FALSE(s.gross_margin().has_value());
  CHECK_FALSE(s.gross_margin({4}, {1}).has_value());
  CHECK_FALSE(s.cost_per_million_output.has_value());
  CHECK_FALSE(break_even(t.terms, s).load.has_value());
  CHECK_FALSE(break_even(t.terms, s).gpu_rate_usd_h.has_value());
}

}  // namespace
}  // namespace tideline::finance
