// Closed forms, each put back in: profit must be nothing.
#include "sim/finance/break_even.h"

#include <cmath>

#include "tests/doctest.h"
#include "tests/unit/finance/books.h"

namespace tideline::finance {
namespace {

using testing::busy_hours;
using testing::TwoHours;

TwoHours priced() {
  TwoHours t = busy_hours();
  t.terms.everyone.sold[0].book.list = {{140'000}, {550'000}, {2'190'000}};
  t.terms.everyone.sold[0].book.windows[0].prices = {{35'000}, {135'000}, {550'000}};
  t.terms.everyone.free_share = 0.2;
  t.terms.commitment = Commitment::kRoundTheClock;
  t.terms.freed_value = {3'000'000};
  return t;
}
BreakEven answer(const TwoHours& t) {
  return break_even(t.terms, t.statement());
}
// Every cell is rounded to a micro-dollar.
bool nothing(Money profit) {
  return std::abs(profit.usd()) < 1e-3;
}

TEST_CASE("load: that share of the tokens, on the same nodes, earns what the nodes cost") {
  TwoHours t = priced();
  const double load = *answer(t).load;
  for (auto& tokens : t.ledger.tokens)
    for (const Meter& m : kMeters)
      tokens.*m.tokens = std::llround(static_cast<double>(tokens.*m.tokens) * load);
  CHECK(nothing(t.statement().profit()));
}

TEST_CASE("prices: every price by that factor") {
  TwoHours t = priced();
  t.terms.everyone.sold[0].usd_per_currency = *answer(t).price;
  CHECK(nothing(t.statement().profit()));
}

TEST_CASE("paid share: that share of the tokens paid for, instead of what is paid now") {
  TwoHours t = priced();
  t.terms.everyone.free_share = 1.0 - *answer(t).paid_share;
  CHECK(nothing(t.statement().profit()));
}

TEST_CASE("GPU rate: that much an hour of every GPU that is paid for") {
  TwoHours t = priced();
  t.terms.node_hour = {.lease = to_money(Dollars(*answer(t).gpu_rate_usd_h * 8.0)),
                       .capital = {},
                       .network = {},
                       .operations = {},
                       .energy = {}};
  CHECK(nothing(t.statement().profit()));
}

TEST_CASE("where nothing is sold, or nothing is paid for, there is none") {
  TwoHours t;
  CHECK(!answer(t).load);
  CHECK(!answer(t).paid_share);
  t.ledger.hours.assign(2, {});
  CHECK(!answer(t).gpu_rate_usd_h);
}

}  // namespace
}  // namespace tideline::finance
