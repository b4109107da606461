// Planned maintenance: a unit is taken out by its number, hands on or ends what it has, and comes back.
#include <utility>
#include <vector>

#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using fleet::UnitCounts;
using policy::Leaving;
using testing::ms;
using testing::near;
using testing::SmallFleet;

// What units do, from so many milliseconds on.
struct Told {
  double ms;
  UnitCounts units;
};
void expect_units(const std::vector<fleet::UnitsFrom>& history, const std::vector<Told>& told) {
  REQUIRE(history.size() == told.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    CAPTURE(i);
    CHECK(near(history[i].from, told[i].ms));
    CHECK(history[i].units == told[i].units);
  }
}

// Two units of each kind; the second decode unit goes into maintenance at 200 ms, for 100 ms.
SmallFleet with_maintenance(Leaving leaving) {
  SmallFleet f;
  f.fleet.schedule = {{Instant{0}, 2, 2}};
  f.fleet.prefill.balancer = policy::PrefillBalancer::kRoundRobin;
  f.fleet.prefill.availability.leaving = f.fleet.decode.availability.leaving = leaving;
  f.fleet.decode.availability.maintenance = {{Instant{ms(200)}, 1, {ms(100)}}};
  return f;
}

// Nothing was lost, nothing computed again.
void expect_planned(const fleet::RunTotals& totals, std::uint64_t finished) {
  CHECK(totals.maintained == 1);
  CHECK(totals.failures == 0);
  CHECK(totals.retried == 0);
  CHECK(totals.finished == finished);
}

TEST_CASE("in migration a decode unit that goes into maintenance hands its answers on with their caches") {
  SmallFleet f = with_maintenance(Leaving::kMigrate);
  f.request(0, 32, 50);  // on the first unit
  f.request(0, 32, 50);  // on the second from 32 ms: at 200 ms it has made 1 + 16 tokens
  f.request(400, 32, 50);
  f.request(400, 32, 50);
  const auto totals = f.run();
  expect_planned(totals, 4);
  CHECK(totals.moved == 1);
  CHECK(near(f.recorder.by_id(1).last_token, 202 + 33 * 10));
  expect_units(totals.decode_units,
               {{0, {.serving = 2}}, {200, {.serving = 1, .maintenance = 1}}, {300, {.serving = 2}}});
}

TEST_CASE("a unit that is taken out or lost in the warm-up, at its first instant, is away in the window") {
  for (const auto outages : {&fleet::Availability::outages, &fleet::Availability::maintenance}) {
    SmallFleet f = with_maintenance(Leaving::kMigrate);
    f.fleet.decode.availability.maintenance.clear();
    f.fleet.decode.availability.*outages = {{Instant{-ms(500)}, 1, {ms(600)}}};
    f.fleet.schedule.front().from = Instant{-ms(500)};
    f.settings.warm_up = {ms(500)};
    f.request(0, 32, 20);
    f.request(200, 32, 20);
    const auto totals = f.run();
    CHECK(totals.failures + totals.maintained == 1);
    REQUIRE(totals.decode_units.size() == 3);
    CHECK(near(totals.decode_units[1].from, -500));
    CHECK(totals.decode_units[1].units.serving == 1);
    CHECK(near(totals.decode_units[2].from, 100));
  }
}

TEST_CASE("where units drain, maintenance begins when the last answer has ended, and takes its time then") {
  SmallFleet f = with_maintenance(Leaving::kDrain);
  f.fleet.decode.availability.start_up = {ms(20)};
  f.request(0, 32, 150);
  f.request(0, 32, 90);    // on the second unit until 32 + 890 ms
  f.request(300, 32, 20);  // the second takes nothing more
  f.request(1000, 32, 10);
  const auto totals = f.run();
  expect_planned(totals, 4);
  CHECK(totals.moved == 0);
  expect_units(totals.decode_units, {{0, {.serving = 2}},
                                     {200, {.serving = 1, .draining = 1}},
                                     {922, {.serving = 1, .maintenance = 1}},
                                     {1042, {.serving = 2}}});  // it must start again
}

TEST_CASE("a prefill unit that goes into maintenance computes nothing twice, whichever way it leaves") {
  for (const Leaving leaving : {Leaving::kMigrate, Leaving::kDrain}) {
    SmallFleet f = with_maintenance(leaving);
    f.fleet.decode.availability.maintenance.clear();
    f.fleet.prefill.availability.maintenance = {{Instant{ms(100)}, 1, {ms(500)}}};
    for (int i = 0; i < 6; ++i) f.request(i, 128, 20);
    f.request(5000, 1, 1);
    const auto totals = f.run();
    expect_planned(totals, 7);
    const double out = leaving == Leaving::kDrain ? 2000 : 100;  // when it hears that its caches were taken
    REQUIRE(totals.prefill_units.size() == (leaving == Leaving::kDrain ? 4U : 3U));
    CHECK(near(totals.prefill_units.end()[-2].from, out));
    CHECK(totals.prefill_units.end()[-2].units == UnitCounts{.serving = 1, .maintenance = 1});
    CHECK(near(totals.prefill_units.back().from, out + 500));
  }
}

TEST_CASE("when every unit is in maintenance, prompts and answers wait for one") {
  SmallFleet f = with_maintenance(Leaving::kMigrate);
  f.fleet.schedule = {{Instant{0}, 1, 1}};
  f.fleet.prefill.availability.maintenance = {{Instant{ms(50)}, 0, {ms(500)}}};
  f.fleet.decode.availability.maintenance = {{Instant{ms(50)}, 0, {ms(2000)}}};
  f.request(10, 32, 50);  // in decode from 42 ms: one of its steps has ended by then
  f.request(100, 32, 2);
  const auto totals = f.run();
  CHECK(totals.maintained == 2);
  CHECK(totals.retried == 0);
  CHECK(near(f.recorder.by_id(1).first_token, 550 + 32));
  CHECK(near(f.recorder.by_id(0).last_token, 2050 + 49 * 10));
}

TEST_CASE("a unit that fewer are wanted of while it is in maintenance does not come back before its time") {
  SmallFleet f = with_maintenance(Leaving::kMigrate);
  f.fleet.schedule.push_back({Instant{ms(220)}, 2, 1});
  f.fleet.schedule.push_back({Instant{ms(240)}, 2, 2});
  f.request(0, 32, 50);
  f.request(400, 1, 1);
  const auto totals = f.run();
  expect_planned(totals, 2);
  expect_units(totals.decode_units, {{0, {.serving = 2}},
                                     {200, {.serving = 1, .maintenance = 1}},
                                     {220, {.serving = 1}},
                                     {240, {.serving = 1, .maintenance = 1}},
                                     {300, {.serving = 2}}});
}

TEST_CASE("a unit that is off has its maintenance without anybody noticing, unless it is wanted meanwhile") {
  SmallFleet f = with_maintenance(Leaving::kMigrate);
  f.fleet.schedule = {{Instant{0}, 1, 2}, {Instant{ms(150)}, 1, 1}, {Instant{ms(250)}, 1, 2}};
  f.request(400, 1, 1);
  const auto totals = f.run();
  CHECK(totals.maintained == 0);
  expect_units(totals.decode_units, {{0, {.serving = 2}},
                                     {150, {.serving = 1}},
                                     {250, {.serving = 1, .maintenance = 1}},
                                     {300, {.serving = 2}}});
}

TEST_CASE("a unit that is lost while it drains for its maintenance has that while it is down") {
  SmallFleet f = with_maintenance(Leaving::kDrain);
  f.fleet.decode.availability.outages = {{Instant{ms(400)}, 1, {ms(10)}}};
  f.request(0, 32, 50);
  f.request(0, 32, 90);
  f.request(4000, 1, 1);
  const auto totals = f.run();
  CHECK(totals.failures == 1);
  CHECK(totals.retried == 1);
  CHECK(totals.finished == 3);
  expect_units(totals.decode_units, {{0, {.serving = 2}},
                                     {200, {.serving = 1, .draining = 1}},
                                     {400, {.serving = 1, .down = 1}},
                                     {500, {.serving = 2}}});
}

TEST_CASE("a round of maintenance through all units loses nothing, on one core and on two") {
  const auto run = [](Leaving leaving, int threads) {
    SmallFleet f = with_maintenance(leaving);
    f.settings.threads = threads;
    f.fleet.schedule = {{Instant{0}, 3, 4}};
    f.fleet.decode.availability.maintenance.clear();
    for (std::size_t u = 0; u < 4; ++u) {
      const Instant at{ms(2000.0 * static_cast<double>(u + 1))};
      f.fleet.decode.availability.maintenance.push_back({at, u, {ms(700)}});
      if (u < 3) f.fleet.prefill.availability.maintenance.push_back({at, u, {ms(900)}});
    }
    for (int i = 0; i < 400; ++i) f.request(30.0 * i, 5 + i % 40, 2 + i % 90);
    return f.run();
  };
  for (const Leaving leaving : {Leaving::kMigrate, Leaving::kDrain}) {
    const auto one = run(leaving, 1), two = run(leaving, 2);
    CHECK(one.digest == two.digest);
    CHECK(one.maintained == 7);
    CHECK(one.failures + one.retried == 0);
    CHECK(one.finished == 400);
    CHECK(one.decode_units.size() == two.decode_units.size());
  }
}

}  // namespace
}  // namespace tideline
