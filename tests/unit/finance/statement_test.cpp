#include "sim/finance/statement.h"

#include <vector>

#include "tests/doctest.h"

namespace tideline::finance {
namespace {

// Two hours from local 08:00, of which the first half hour is sold at half price; two prefill nodes
// throughout, one decode node and from 08:45 three.
struct TwoHours {
  TwoHours() {
    terms.prices.list = {{100}, {1000}, {4000}};
    terms.prices.windows = {{.from_minute = 30, .to_minute = 510, .prices = {{50}, {500}, {2000}}}};
    terms.gpu_hour = {2'000'000};
    terms.gpus_per_node = 8;
    fleet.prefill.unit.nodes = 2, fleet.decode.unit.nodes = 1;
    fleet.schedule = {{Instant{-1}, 1, 1}, {Instant{45 * kMinute}, 1, 3}};
  }
  void sell(std::int64_t minute, std::int32_t input, std::int32_t cached, std::int32_t output) {
    const Instant at{minute * kMinute};
    requests.push_back({.id = 0, .arrival = at, .first_token = at, .last_token = at, .input = input,
                        .cached = cached, .output = output, .request_class = 0});
  }
  Statement statement() {
    metrics::Day day(window, 1);
    day.finished(requests);
    return account(terms, day, fleet, window, 8 * 60);
  }

  static constexpr std::int64_t kMinute = 60 * kNsPerSecond;
  Duration window{2 * kNsPerHour};
  Terms terms;
  fleet::Fleet fleet;
  std::vector<fleet::Finished> requests;
};

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
  t.terms.usd_per_currency = 0.5;
  CHECK(t.statement().revenue.input_miss.micro_usd == 1000);
  CHECK(t.statement().cost.total() == cost);
}

TEST_CASE("nodes are paid for as long as the schedule has them") {
  TwoHours t;
  const Statement s = t.statement();
  CHECK(s.cost.prefill.micro_usd == 2 * 2 * 8 * 2'000'000);
  CHECK(s.hours[0].cost.decode.micro_usd == (1 * 45 + 3 * 15) * 8 * 2'000'000 / 60);
  CHECK(s.hours[1].cost.decode.micro_usd == 3 * 8 * 2'000'000);
  CHECK(s.nodes_mean == doctest::Approx(2.0 + (0.75 * 1 + 1.25 * 3) / 2.0).epsilon(1e-12));
  CHECK(s.nodes_peak == 5);
}

TEST_CASE("hours add up to the window and meters to the total, to the micro-dollar") {
  TwoHours t;
  t.terms.gpu_hour = {1'999'999};
  for (int i = 0; i < 120; ++i) t.sell(i, 1000 + 37 * i, 13 * i, 777 + i);
  const Statement s = t.statement();
  Money revenue, cost;
  for (const HourStatement& h : s.hours) revenue += h.revenue.total(), cost += h.cost.total();
  CHECK(revenue == s.revenue.total());
  CHECK(cost == s.cost.total());
  CHECK(s.revenue.total() == s.revenue.input_hit + s.revenue.input_miss + s.revenue.output);
}

TEST_CASE("cost per million tokens of the two meters adds up to the whole cost") {
  TwoHours t;
  t.sell(10, 2'500'000, 500'000, 4'000'000);
  t.sell(70, 1'000'000, 0, 1'000'000);
  const Statement s = t.statement();
  CHECK(s.cost_per_million_miss * 3.0 + s.cost_per_million_output * 5.0 ==
        doctest::Approx(s.cost.total().usd()).epsilon(1e-12));
  CHECK(s.cost_per_million_miss * 3.0 == doctest::Approx(s.cost.prefill.usd()).epsilon(1e-12));
}

TEST_CASE("the published day has a margin of 84.5 % and a cost-profit ratio of 545 %") {
  Statement s;
  s.revenue.output = to_money(Dollars(562'027.0));
  s.cost.decode = to_money(Dollars(87'072.0));
  CHECK(s.gross_margin() == doctest::Approx(0.845).epsilon(1e-3));
  CHECK(s.cost_profit_ratio() == doctest::Approx(5.45).epsilon(1e-3));
}

TEST_CASE("without sales there is no margin, and without costs no ratio") {
  Statement s;
  CHECK(s.gross_margin() == 0.0);
  CHECK(s.cost_profit_ratio() == 0.0);
}

TEST_CASE("a price window that begins inside a slot is refused") {
  const auto document = config::Document::parse(
      R"({"money": {"gpu_rate": "2 USD/h", "price_book": "deepseek-v3-2025-02-usd"}})", "terms.json");
  const Terms terms = read_terms(document.root().object("money"), 8, "Asia/Shanghai");
  document.finish();
  CHECK(terms.gpu_hour.micro_usd == 2'000'000);
  CHECK(windows_fit_slots(terms.prices));
  catalog::PriceBook odd = terms.prices;
  odd.windows.front().from_minute += 5;
  CHECK(!windows_fit_slots(odd));
}

}  // namespace
}  // namespace tideline::finance
