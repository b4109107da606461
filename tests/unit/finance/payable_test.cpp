#include "sim/finance/payable.h"

#include "tests/doctest.h"
#include "tests/unit/finance/books.h"

namespace tideline::finance {
namespace {

using testing::busy_hours;
using testing::TwoHours;

std::string refusal(const TwoHours& t) {
  try {
    require_payable(t.terms, t.ledger);
  } catch (const InputError& e) {
    return e.problems().front().pointer + ": " + e.problems().front().message;
  }
  return "";
}

TwoHours placed() {
  TwoHours t = busy_hours();
  t.terms.rate_at.pointer = "/money/gpu_rate";
  t.terms.prices_at.pointer = "/money/price_book";
  t.terms.committed_at.pointer = "/money/committed_nodes";
  return t;
}

TEST_CASE("money that can be counted is") {
  CHECK(refusal(placed()) == "");
}

TEST_CASE("nodes or tokens of more than an int64 of micro-dollars are refused where they are priced") {
  TwoHours t = placed();
  t.terms.node_hour.lease = Money{1'000'000'000'000'000'000};
  CHECK(refusal(t) ==
        "/money/gpu_rate: the nodes of the window may come to 8.5e+12 USD: at most 3e+12 can be counted");
  t = placed();
  t.ledger.tokens[0].output = 3'000'000'000'000'000;
  t.terms.everyone.sold[0].usd_per_currency = 1e6;
  CHECK(refusal(t) ==
        "/money/price_book: the tokens of the window may come to 1.2e+13 USD: at most 3e+12 can be counted");
}

TEST_CASE("nodes that are owned are as many as are held at once, or more; leased ones are to be had") {
  TwoHours t = placed();
  t.terms.commitment = Commitment::kRoundTheClock;
  t.terms.committed_nodes = 4;
  CHECK(refusal(t) == "");
  t.terms.owned = true;
  CHECK(
      refusal(t) ==
      "/money/committed_nodes: 4 nodes are owned, but up to 5 are held at once: nobody pays for the others");
  t.terms.committed_nodes = 5;
  CHECK(refusal(t) == "");
  t.terms.committed_nodes = 0;
  CHECK(refusal(t) == "");
}

}  // namespace
}  // namespace tideline::finance
