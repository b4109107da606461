// What prefill does when decode has no room: its memory fills with finished caches, and it waits. And when
// the load is so far above what it serves that no memory would hold what waits.
#include "sim/base/overload.h"
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::ms;
using testing::near;
using testing::SmallFleet;

TEST_CASE("a prefill unit whose memory is full begins no pass until it hears that decode has taken a cache") {
  SmallFleet f = testing::full_prefill();
  const auto totals = f.run();
  CHECK(totals.prefill_held_up == 1);
  CHECK(totals.prefill_fill_max == testing::about(256.0 / 300, 1e-12));
  CHECK(near(f.recorder.by_id(1).first_token, 256));
  // Prefill hears of it two turns later, at 2 s.
  CHECK(near(f.recorder.by_id(2).first_token, 2000 + 128));
}

TEST_CASE("a prompt that is larger than the memory of a prefill unit is rejected") {
  SmallFleet f;
  f.prefill_room(300);
  f.request(0, 290, 20);
  f.request(1, 290, 10);
  const auto totals = f.run();
  CHECK(totals.rejected == 1);
  CHECK(totals.finished == 1);
}

TEST_CASE("a prompt that is cut keeps its memory, so that it can always go on") {
  SmallFleet f;
  f.prefill_room(600);
  f.fleet.prefill.tokens_per_gpu = 128;
  f.request(0, 512, 2);  // four passes
  f.request(1, 128, 2);  // would not fit beside it before prefill hears, at 2 s, that the first is gone
  const auto totals = f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 512));
  CHECK(near(f.recorder.by_id(1).first_token, 2000 + 128));
  CHECK(totals.prefill_held_up == 1);
}

TEST_CASE(
    "under a load that decode cannot carry, prefill never holds more than its memory and loses nothing") {
  for (const int threads : {1, 2}) {
    SmallFleet f(2);
    f.settings.threads = threads;
    f.settings.window = {60 * kNsPerSecond};
    f.prefill_room(1000);
    f.decode_room(400);
    for (int i = 0; i < 300; ++i) f.request(50.0 * i, 10 + (i * 37) % 300, 1 + (i * 91) % 90);
    const auto totals = f.run();
    CHECK(totals.finished == 300);
    CHECK(totals.prefill_held_up > 5);
    CHECK(totals.prefill_fill_max <= 1.0);
    CHECK(totals.prefill_fill_max > 0.8);
  }
}

TEST_CASE("a prefill unit that is lost takes with it the caches that decode has not taken") {
  SmallFleet f;
  f.decode_room(300);
  f.fleet.schedule = {{Instant{-1}, 2, 1}};
  f.fleet.prefill.availability.outages = {{Instant{ms(500)}, 1, {ms(100)}}};
  f.request(0, 128, 100);  // by the first unit; on its rank until 1118 ms
  f.request(1, 128, 50);   // by the second, at 129 ms; its cache waits there
  const auto totals = f.run();
  CHECK(totals.retried == 1);
  CHECK(totals.finished == 2);
  // Prefill hears of it two turns later, at 2 s, and computes the token that was there again.
  CHECK(near(f.recorder.by_id(1).first_token, 129));
  CHECK(near(f.recorder.by_id(1).last_token, 2000 + 129 + 48 * 10));
}

TEST_CASE("more prompts than may wait end the run with what to do, on one core and on two") {
  for (const int threads : {1, 2}) {
    SmallFleet f;
    f.settings.waiting_max = 3;
    f.settings.threads = threads;
    for (int i = 0; i < 5; ++i) f.request(180'000 + i, 1000, 1);
    std::string said;
    try {
      f.run();
    } catch (const Overload& e) {
      said = e.what();
    }
    CHECK(said ==
          ": error: 3 requests wait for their prompts 3 min after the window begins: far more load than "
          "these units serve\n"
          "  less load, more prefill units in \"fleet.schedule\", or a shorter \"duration\"\n");
  }
}

}  // namespace
}  // namespace tideline
