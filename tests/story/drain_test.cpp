// What becomes of a unit that the schedule no longer wants.
#include <vector>

#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::ms;
using testing::near;
using testing::SmallFleet;

// Units paid for, from so many milliseconds on.
struct Paid {
  double ms;
  std::int64_t units;
};
void expect_paid(const std::vector<fleet::UnitsFrom>& history, const std::vector<Paid>& paid) {
  std::vector<fleet::UnitsFrom> changes;
  for (const fleet::UnitsFrom& h : history)
    if (changes.empty() || changes.back().units.total() != h.units.total()) changes.push_back(h);
  REQUIRE(changes.size() == paid.size());
  for (std::size_t i = 0; i < paid.size(); ++i) {
    CHECK(near(changes[i].from, paid[i].ms));
    CHECK(changes[i].units.total() == paid[i].units);
  }
}

// Two decode units, of which one is to leave at 200 ms.
SmallFleet decode_drains() {
  SmallFleet f;
  f.fleet.decode.availability.leaving = policy::Leaving::kDrain;
  f.fleet.schedule = {{Instant{0}, 1, 2}, {Instant{ms(200)}, 1, 1}};
  return f;
}

TEST_CASE("a decode unit that drains ends its answers, takes no more, and is paid for until then") {
  SmallFleet f = decode_drains();
  f.request(0, 32, 50);      // on the first unit from 32 ms to 522 ms
  f.request(0.001, 32, 90);  // on the second from 64 ms to 954 ms
  f.request(300, 32, 100);   // the first has one more request than the second, and takes it
  const auto totals = f.run();
  CHECK(totals.moved == 0);
  CHECK(near(f.recorder.by_id(1).last_token, 64 + 890));
  expect_paid(totals.decode_units, {{0, 2}, {954, 1}});
  REQUIRE(totals.decode_units.size() == 3);
  CHECK(near(totals.decode_units[1].from, 200));
  CHECK(totals.decode_units[1].units == fleet::UnitCounts{.serving = 1, .draining = 1});
}

TEST_CASE("what stands on a unit that drains is seen like the rest: every answer is somewhere") {
  struct Watch : fleet::Observer {
    std::vector<fleet::Sample> samples;
    void finished(std::span<const fleet::Finished>) override {}
    void sampled(const fleet::Sample& s) override { samples.push_back(s); }
  } watch;
  SmallFleet f = decode_drains();
  f.request(0, 32, 300);
  f.request(0.001, 32, 300);  // to 3,054 ms, on the unit that drains from 200 ms on
  f.watcher = &watch;
  f.run();
  REQUIRE(watch.samples.size() >= 2);
  for (std::size_t second : {0U, 1U}) {
    CHECK(watch.samples[second].decode.units == fleet::UnitCounts{.serving = 1, .draining = 1});
    CHECK(watch.samples[second].decode.on_ranks == 2);
  }
}

TEST_CASE("a decode unit that has nothing to end is off at once") {
  SmallFleet f = decode_drains();
  f.request(0, 32, 50);
  expect_paid(f.run().decode_units, {{0, 2}, {200, 1}});
}

TEST_CASE("a unit that drains is taken back when more are wanted, and needs no start-up") {
  SmallFleet f = decode_drains();
  f.fleet.decode.availability.start_up = {kNsPerHour};
  f.fleet.schedule.push_back({Instant{ms(500)}, 1, 2});
  f.request(0, 32, 100);
  f.request(0.001, 32, 100);
  f.request(600, 32, 50);
  const auto totals = f.run();
  expect_paid(totals.decode_units, {{0, 2}});
  CHECK(totals.finished == 3);
}

TEST_CASE("a unit that is lost while it drains is off, and its answers are computed again") {
  SmallFleet f = decode_drains();
  f.fleet.decode.availability.outages = {{Instant{ms(300)}, 1, {ms(100)}}};
  f.request(0, 32, 50);
  f.request(0.001, 32, 90);
  const auto totals = f.run();
  CHECK(totals.failures == 1);
  CHECK(totals.retried == 1);
  CHECK(totals.finished == 2);
  expect_paid(totals.decode_units, {{0, 2}, {300, 1}});
}

TEST_CASE("a prefill unit that drains ends its queue and stays until it hears that its caches were taken") {
  SmallFleet f;
  f.fleet.prefill.balancer = policy::PrefillBalancer::kRoundRobin;
  f.fleet.prefill.availability.leaving = policy::Leaving::kDrain;
  f.fleet.schedule = {{Instant{0}, 2, 1}, {Instant{ms(100)}, 1, 1}};
  for (int i = 0; i < 4; ++i) f.request(i, 128, 2);  // two wait, one in each unit, at 100 ms
  const auto totals = f.run();
  CHECK(near(f.recorder.by_id(3).first_token, 1 + 256));
  // The caches are taken in the first turn, which ends at 1 s: prefill hears of that at 2 s.
  expect_paid(totals.prefill_units, {{0, 2}, {2000, 1}});
  expect_paid(totals.decode_units, {{0, 1}});
}

TEST_CASE("in migration a prefill unit hands on what waits in it, and a decode unit its answers") {
  SmallFleet f;
  f.fleet.prefill.balancer = policy::PrefillBalancer::kRoundRobin;
  f.fleet.schedule = {{Instant{0}, 2, 2}, {Instant{ms(100)}, 1, 1}};
  for (int i = 0; i < 4; ++i) f.request(i, 128, 2);
  const auto totals = f.run();
  CHECK(near(f.recorder.by_id(2).first_token, 128 + 256));  // both in one pass of the first unit
  CHECK(near(f.recorder.by_id(3).first_token, 128 + 256));
  expect_paid(totals.prefill_units, {{0, 2}, {100, 1}});
  expect_paid(totals.decode_units, {{0, 2}, {100, 1}});
}

TEST_CASE("in migration what a prefill unit has computed of a prompt that is cut stays behind") {
  SmallFleet f;
  f.fleet.prefill.balancer = policy::PrefillBalancer::kRoundRobin;
  f.fleet.prefill.tokens_per_gpu = 128;
  f.fleet.schedule = {{Instant{0}, 2, 1}, {Instant{ms(200)}, 1, 1}};
  f.request(0, 1, 1);
  f.request(0.001, 384, 1);  // on the second unit: at 200 ms its second chunk of three is being computed
  f.run();
  CHECK(near(f.recorder.by_id(1).first_token, 200 + 384));
}

TEST_CASE("units that come, go and drain lose no request, on one core and on two") {
  const auto run = [](int threads) {
    SmallFleet f;
    f.settings.threads = threads;
    f.settings.window = {60 * kNsPerSecond};
    f.fleet.decode.availability.leaving = f.fleet.prefill.availability.leaving = policy::Leaving::kDrain;
    f.fleet.schedule.clear();
    for (int i = 0; i < 20; ++i)
      f.fleet.schedule.push_back({Instant{ms(700.0 * i)}, 1 + i % 3, 1 + (i * 7) % 4});
    for (int i = 0; i < 300; ++i) f.request(30.0 * i, 5 + i % 40, 2 + i % 90);
    return f.run();
  };
  const auto one = run(1), two = run(2);
  CHECK(one.finished == 300);
  CHECK(one.digest == two.digest);
  CHECK(one.decode_units.size() == two.decode_units.size());
}

}  // namespace
}  // namespace tideline
