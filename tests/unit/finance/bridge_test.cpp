#include "sim/finance/bridge.h"

#include <cmath>

#include "tests/doctest.h"
#include "tests/unit/finance/books.h"

namespace tideline::finance {
namespace {

using testing::busy_hours;
using testing::TwoHours;

Case settled(const TwoHours& t) {
  Case c{.name = "", .terms = t.terms, .ledger = t.ledger};
  settle(c);
  return c;
}
Money sum(const Bridge& b) {
  Money all;
  for (const Money effect : b.effects) all += effect;
  return all;
}
// The change came of this cause alone.
void expect_only(Cause cause, const TwoHours& from, const TwoHours& to) {
  const Bridge b = bridge(settled(from), settled(to));
  CHECK(b.from != b.to);
  for (const CauseInfo& c : kCauses) {
    INFO(c.name);
    const double effect = b.effects[static_cast<std::size_t>(c.cause)].usd();
    if (c.cause == cause)
      CHECK(effect == doctest::Approx((b.to - b.from).usd()).epsilon(1e-5));
    else
      CHECK(std::abs(effect) < 1e-4);
  }
}
double scaled(std::int64_t n, double by) {
  return static_cast<double>(n) * by;
}

TEST_CASE("a change of one thing alone is its effect alone") {
  const TwoHours from = busy_hours();
  TwoHours to = from;
  to.terms.everyone.free_share = 0.5;
  expect_only(Cause::kPrice, from, to);
  to = from;
  to.terms.node_hour.lease = {20'000'000};
  expect_only(Cause::kRates, from, to);
  to = from;
  for (HourNodes& h : to.ledger.hours)
    h.decode_ns[0] = static_cast<std::int64_t>(scaled(h.decode_ns[0], 0.75));
  expect_only(Cause::kEfficiency, from, to);
  to = from;
  add_nodes(to.ledger, {{Instant{0}, {}, {0, 0, 0, 0, 1}}});  // a node that stands by
  expect_only(Cause::kCapacity, from, to);
  to = from;
  to.terms.commitment = Commitment::kRoundTheClock;
  expect_only(Cause::kCapacity, from, to);
}

TEST_CASE("more of the same on more of the same nodes is volume; the same number of other tokens is mix") {
  const TwoHours from = busy_hours();
  TwoHours to = from;
  for (auto& t : to.ledger.tokens)
    for (const Meter& m : kMeters) t.*m.tokens *= 2;
  for (HourNodes& h : to.ledger.hours)
    for (auto* nodes : {&h.prefill_ns, &h.decode_ns}) (*nodes)[0] *= 2;
  expect_only(Cause::kVolume, from, to);
  to = from;
  for (auto& t : to.ledger.tokens) t.input_hit += t.output / 2, t.output -= t.output / 2;
  const Bridge b = bridge(settled(from), settled(to));
  CHECK(std::abs(b.effects[static_cast<std::size_t>(Cause::kVolume)].usd()) < 1e-4);
  CHECK(b.effects[static_cast<std::size_t>(Cause::kMix)] != Money{});
}

TEST_CASE("everything at once still adds up, to the micro-dollar, and the way back is the opposite") {
  const TwoHours from = busy_hours();
  TwoHours to = from;
  to.terms.everyone.free_share = 0.1;
  to.terms.node_hour.lease = {12'345'678};
  to.terms.commitment = Commitment::kRoundTheClock;
  for (auto& t : to.ledger.tokens) t.output *= 3, t.input_miss += 17;
  for (HourNodes& h : to.ledger.hours) h.prefill_ns[1] += 13 * kNsPerSecond;
  const Bridge there = bridge(settled(from), settled(to)), back = bridge(settled(to), settled(from));
  CHECK(sum(there) == there.to - there.from);
  CHECK(sum(back) == back.to - back.from);
  for (std::size_t c = 0; c < kCauses.size(); ++c)
    CHECK(there.effects[c].usd() == doctest::Approx(-back.effects[c].usd()).epsilon(1e-6));
}

TEST_CASE("from nothing sold there is a bridge too") {
  TwoHours none;
  const Bridge b = bridge(settled(none), settled(busy_hours()));
  CHECK(sum(b) == b.to - b.from);
}

}  // namespace
}  // namespace tideline::finance
