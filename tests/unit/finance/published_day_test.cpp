// The published day of DeepSeek's service, 27-28 February 2025, from its published volumes alone: what each
// reading of it earned. No simulation, nothing fitted.
#include <cmath>

#include "sim/finance/study.h"
#include "tests/doctest.h"

namespace tideline::finance {
namespace {

const Study& study() {
  static const Study s = read_study(TIDELINE_FINANCE, {});
  return s;
}
const Case& of(std::string_view name) {
  for (const Case& c : study().cases)
    if (c.name == name) return c;
  throw std::out_of_range("no such case");
}
const Case& published() {
  return of("all at R1 list (published)");
}
double percent(double share) {
  return std::round(share * 100.0);
}
double permille(double share) {
  return std::round(share * 1000.0) / 10.0;
}
TEST_CASE("as published: a margin of 84.5 % and a cost-profit ratio of 545 %") {
  const Statement& s = published().statement;
  CHECK(permille(s.gross_margin().value()) == 84.5);
  CHECK(percent(s.cost_profit_ratio().value()) == 545.0);
  // Of tokens that were rounded before they were published: within 52 USD of the published 562,027.
  CHECK(s.revenue.total().usd() == doctest::Approx(561'975.36).epsilon(1e-9));
  const Rounding& open = published().rounding.at("revenue_usd");
  CHECK(open.low < 562'027.0);
  CHECK(562'027.0 < open.high);
}

TEST_CASE("all tokens at the list price of V3: 69.0 % and 222 %") {
  CHECK(permille(of("all at V3 list").statement.gross_margin().value()) == 69.0);
  CHECK(percent(of("all at V3 list").statement.cost_profit_ratio().value()) == 222.0);
}

TEST_CASE("R1 with the price of the night, 00:30 to 08:30: 82.2 % and 463 %") {
  const Statement& s = of("R1 with the night price").statement;
  CHECK(permille(s.gross_margin().value()) == 82.2);
  CHECK(percent(s.cost_profit_ratio().value()) == 463.0);
}

TEST_CASE("the peak of 278 nodes paid round the clock: 81.0 % and 426 %") {
  const Statement& s = of("peak nodes paid round the clock").statement;
  CHECK(s.nodes_peak == 278);
  CHECK(s.cost.total() == Money{278LL * 24 * 16 * 1'000'000});
  CHECK(permille(s.gross_margin().value()) == 81.0);
  CHECK(percent(s.cost_profit_ratio().value()) == 426.0);
}

TEST_CASE("the day breaks even where 15.5 % of the tokens are paid for at R1 list, 31.0 % at V3 list") {
  CHECK(permille(*published().break_even.paid_share) == 15.5);
  CHECK(permille(*of("all at V3 list").break_even.paid_share) == 31.0);
}

TEST_CASE("prefill costs 36,672 USD and decode 50,400: 0.138 and 0.300 a million tokens") {
  const Statement& s = published().statement;
  CHECK(s.cost.of_prefill() == Money{36'672'000'000});
  CHECK(s.cost.of_decode() == Money{50'400'000'000});
  CHECK(s.cost.total() == Money{87'072'000'000});
  CHECK(std::round(*s.cost_per_million_miss * 1000.0) == 138.0);
  CHECK(std::round(*s.cost_per_million_output * 1000.0) == 300.0);
  CHECK(s.nodes_mean == doctest::Approx(226.75).epsilon(1e-12));
}

TEST_CASE("were the load smooth between the hours, the night would have had less of it: 464 %") {
  const Study smooth = read_study(
      TIDELINE_FINANCE, {"volumes.between_hours=smooth", "money.price_book=deepseek-r1-2025-02-usd"});
  CHECK(percent(smooth.base().statement.cost_profit_ratio().value()) == 464.0);
  CHECK(smooth.base().statement.tokens.output == 168'000'000'000);
}

}  // namespace
}  // namespace tideline::finance
