// Does the fleet do what we say, instant by instant? given / at / expect, a screen each.
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::ms;
using testing::near;
using testing::SmallFleet;

TEST_CASE("one request: its prompt takes one pass, then each later token one step") {
  SmallFleet f;
  f.request(100, 128, 4);
  f.run();
  const auto& r = f.recorder.by_id(0);
  CHECK(near(r.first_token, 100 + 128));
  CHECK(near(r.last_token, 100 + 128 + 3 * 10));
}

TEST_CASE("an answer of one token is done when its prompt is") {
  SmallFleet f;
  f.request(0, 128, 1);
  f.run();
  CHECK(f.recorder.by_id(0).last_token == f.recorder.by_id(0).first_token);
}

TEST_CASE("cached tokens cost a prompt nothing but the attention to them") {
  SmallFleet f;
  f.request(0, 1128, 1, 1000);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 128));
}

TEST_CASE("a prompt that arrives during a pass waits for the next one") {
  SmallFleet f;
  f.request(0, 128, 1);
  f.request(5, 256, 1);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 128));
  CHECK(near(f.recorder.by_id(1).first_token, 128 + 256));
}

TEST_CASE("a prompt longer than the budget is cut, and goes on before the queue") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 128;
  f.request(0, 256, 1);
  f.request(1, 128, 1);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 2 * 128));
  CHECK(near(f.recorder.by_id(1).first_token, 3 * 128));
}

TEST_CASE("a prompt whose attention exceeds the work of a GPU is cut by work, in ever shorter chunks") {
  SmallFleet f;
  f.pass_time = [](const step::PrefillLoad& l) { return Seconds(1e-6 * l.pairs_busiest); };
  f.fleet.prefill.tokens_per_gpu = 1024;
  f.fleet.prefill.attended_per_token = 128;  // 131,072 pairs a pass
  f.request(0, 1000, 1);                     // 500,500 pairs: chunks of 511, 212, 162 and 115 tokens
  CHECK(f.run().prefill_passes == 4);
}

TEST_CASE("two GPUs of a unit compute two prompts in one pass") {
  SmallFleet f(2);
  f.request(0, 128, 1);  // starts a pass of its own
  f.request(1, 128, 1);
  f.request(2, 128, 1);
  f.run();
  CHECK(near(f.recorder.by_id(1).first_token, 2 * 128));
  CHECK(near(f.recorder.by_id(2).first_token, 2 * 128));
}

TEST_CASE("a request joins its rank at the first step that starts after its cache has arrived") {
  SmallFleet f;
  f.request(0, 128, 100);
  f.request(0.001, 135, 2);  // its pass ends at 128 + 135 = 263 ms: in the middle of a step that ends at 268
  f.run();
  CHECK(near(f.recorder.by_id(1).first_token, 263));
  CHECK(near(f.recorder.by_id(1).last_token, 278));
}

TEST_CASE("moving the cache takes its bytes over the transfer rate") {
  SmallFleet f;
  const Bytes cache = f.fleet.decode.unit.llm.kv_per_token() * Tokens(128.0);
  f.fleet.transfer_rate = cache / Seconds(0.050);
  f.request(0, 128, 2);
  f.run();
  CHECK(near(f.recorder.by_id(0).last_token, 128 + 50 + 10));
}

TEST_CASE("a unit that leaves hands its answers on, and no token is lost") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 1, 2}, {Instant{ms(200)}, 1, 1}};
  for (int i = 0; i < 4; ++i) f.request(i * 0.001, 32, 50);
  const auto totals = f.run();
  CHECK(totals.moved == 2);
  CHECK(totals.finished == 4);
  for (const auto& r : f.recorder.requests) CHECK(r.output == 50);
}

TEST_CASE("an answer that changes units needs room for what it will hold, not for its tokens twice") {
  SmallFleet f;
  f.decode_room(300);
  f.fleet.schedule = {{Instant{-1}, 1, 2}, {Instant{ms(1200)}, 1, 1}};
  f.request(0, 32, 60);        // on the first unit until 622 ms
  f.request(0.001, 128, 150);  // on the second from 160 ms: it moves with 232 tokens and has 46 to make
  const auto totals = f.run();
  CHECK(totals.moved == 1);
  CHECK(totals.waited_for_decode == 0);
  CHECK(totals.finished == 2);
}

TEST_CASE("a rank that is full makes a request wait until one leaves") {
  SmallFleet f;
  f.decode_room(300);
  f.request(0, 128, 100);
  f.request(0.001, 128, 50);
  const auto totals = f.run();
  CHECK(totals.waited_for_decode == 1);
  CHECK(f.recorder.by_id(0).last_token < f.recorder.by_id(1).last_token);
  CHECK(totals.kv_fill_max <= 1.0);
}

TEST_CASE("a request that fits on no rank is rejected, and does not block those behind it") {
  SmallFleet f;
  f.decode_room(300);
  f.request(0, 400, 10);
  f.request(1, 100, 10);
  const auto totals = f.run();
  CHECK(totals.rejected == 1);
  CHECK(totals.finished == 1);
}

TEST_CASE("a request longer than the model's context is rejected, whatever room there is") {
  SmallFleet f;
  f.fleet.decode.unit.llm.context_max = 100;
  f.request(0, 60, 40);
  f.request(10, 61, 40);
  const auto totals = f.run();
  CHECK(totals.finished == 1);
  CHECK(totals.rejected == 1);
}

TEST_CASE("a fleet too small for its load is called saturated, and keeps every request in its books") {
  SmallFleet f;
  f.settings.window = {10 * kNsPerSecond};
  f.settings.patience = {kNsPerSecond};
  std::uint64_t id = 0;
  const auto totals = f.run_with([&] {
    const workload::Arrival a{Instant{static_cast<std::int64_t>(id) * ms(10)}, id, 0, {128, 0, 2}};
    ++id;
    return a;
  });
  CHECK(totals.saturated());
  CHECK(totals.window_requests == 1000);
}

// Two decode units, the second of which is lost at 200 ms for 100 ms.
SmallFleet with_outage() {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 1, 2}};
  f.fleet.decode.availability.outages = {{Instant{ms(200)}, 1, {ms(100)}}};
  return f;
}

TEST_CASE(
    "a decode unit that is lost takes its caches with it: prompts and answers so far are computed again") {
  SmallFleet f = with_outage();
  f.request(0, 32, 50);      // on the first unit
  f.request(0.001, 32, 50);  // on the second from 64 ms: at 200 ms it has made 1 + 13 tokens
  const auto totals = f.run();
  CHECK(totals.failures == 1);
  CHECK(totals.retried == 1);
  CHECK(totals.finished == 2);
  CHECK(totals.arrived == 2);
  CHECK(near(f.recorder.by_id(0).last_token, 32 + 49 * 10));
  // Prefill hears of it two turns later: at 2 s it computes 32 + 14 tokens, and 35 steps follow.
  const auto& r = f.recorder.by_id(1);
  CHECK(near(r.first_token, 64));
  CHECK(near(r.last_token, 2000 + 46 + 35 * 10));
  CHECK(r.output == 50);
}

TEST_CASE("while a unit is down others serve, and it serves again after repair and start-up") {
  SmallFleet f = with_outage();
  f.fleet.decode.availability.start_up = {ms(50)};
  for (int i = 0; i < 40; ++i) f.request(10.0 * i, 1, 2);
  const auto totals = f.run();
  CHECK(totals.finished == 40);
  CHECK(totals.window_unfinished == 0);
}

TEST_CASE("when fewer units are wanted, one that is down is given up before one that serves") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 2, 2}, {Instant{ms(100)}, 1, 1}};
  f.fleet.prefill.availability.outages =
      f.fleet.decode.availability.outages = {{Instant{ms(50)}, 0, {ms(5000)}}};
  f.request(200, 32, 2);
  f.run();
  CHECK(near(f.recorder.by_id(0).last_token, 200 + 32 + 10));
}

TEST_CASE("when every decode unit is down, answers wait for one") {
  SmallFleet f;
  f.fleet.decode.availability.outages = {{Instant{ms(50)}, 0, {ms(1000)}}};
  f.request(100, 32, 2);
  const auto totals = f.run();
  CHECK(totals.waited_for_decode == 1);
  CHECK(near(f.recorder.by_id(0).last_token, 1050 + 10));
}

TEST_CASE("a prefill unit that is lost forgets what it computed; its prompts begin anew on another") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 2, 1}};
  f.fleet.prefill.availability.outages = {{Instant{ms(100)}, 0, {ms(1000)}}};
  f.request(0, 128, 1);
  const auto totals = f.run();
  CHECK(totals.retried == 1);
  CHECK(near(f.recorder.by_id(0).first_token, 100 + 128));
}

TEST_CASE("of the prompts of a prefill unit that is lost those are computed again that a pass had begun") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 256;
  f.fleet.prefill.availability.outages = {{Instant{ms(300)}, 0, {ms(1000)}}};
  f.request(0, 384, 1);    // 256 in the first pass, the rest in the second, which runs
  f.request(0.1, 256, 1);  // half of it in the second
  f.request(0.2, 128, 1);  // waits
  f.request(0.3, 128, 1);  // waits
  const auto totals = f.run();
  CHECK(totals.retried == 2);
  CHECK(f.recorder.set_backs.size() == 2);
  CHECK(totals.finished == 4);
}

TEST_CASE("when every prefill unit is down, prompts wait for one") {
  SmallFleet f;
  f.fleet.prefill.availability.outages = {{Instant{ms(50)}, 0, {ms(500)}}};
  f.request(100, 128, 1);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 550 + 128));
}

TEST_CASE("nodes fail as often as their mean time says, and a spare shortens the time down") {
  const auto run = [](std::int64_t spares) {
    SmallFleet f;
    f.settings.window = {200 * kNsPerHour};
    f.fleet.decode.unit.nodes = 4;
    f.fleet.schedule = {{Instant{-1}, 1, 5}};
    f.fleet.decode.availability = {.start_up = {60 * kNsPerSecond},
                                   .node_mtbf = {20 * kNsPerHour},  // of 20 nodes one each hour
                                   .repair = {kNsPerHour / 2},
                                   .spares = spares,
                                   .outages = {}};
    for (int i = 0; i < 200; ++i) f.request(3.6e6 * i, 1, 2);
    return f.run();
  };
  const auto none = run(0), some = run(4);
  CHECK(none.finished == 200);
  // A unit serves 5 h of 5.5 h: 182 failures in 200 h, +- 3 standard deviations.
  CHECK(std::abs(static_cast<double>(none.failures) - 182.0) < 40.0);
  CHECK(some.failures > none.failures);  // more of the time there is something to fail
}

TEST_CASE("a spare that stands in for a node no longer stands by, until the node is repaired") {
  SmallFleet f;
  f.settings.window = {200 * kNsPerHour};
  f.fleet.decode.availability = {.start_up = {60 * kNsPerSecond},
                                 .node_mtbf = {20 * kNsPerHour},
                                 .repair = {kNsPerHour / 2},
                                 .spares = 1,
                                 .outages = {}};
  for (int i = 0; i < 200; ++i) f.request(3.6e6 * i, 1, 2);
  const auto totals = f.run();
  std::size_t used = 0;
  Instant since;
  bool before = false;
  for (const fleet::UnitsFrom& u : totals.decode_units) {
    const bool now = u.spares_used > 0;
    if (now && !before) ++used, since = u.from;
    if (!now && before) CHECK(near(u.from, to_seconds(since - Instant{}).value() * 1e3 + 30 * 60e3));
    before = now;
  }
  CHECK(used > 5);  // some ten failures in 200 h
  CHECK(used <= totals.failures);
}

TEST_CASE("reactive scaling follows the load, up at once and down after a calm while") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-kNsPerHour}, 1, 1}};
  f.fleet.decode.scaling = {.kind = policy::ScalingKind::kReactive,
                            .target = 4.0,
                            .every = {kNsPerSecond},
                            .calm = {5 * kNsPerSecond},
                            .units_min = 1,
                            .units_max = 3};
  for (int i = 0; i < 12; ++i) f.request(100, 1, 1000);  // 10 s of 12 requests: three units
  f.request(60'000, 1, 2);
  const auto totals = f.run();
  CHECK(totals.finished == 13);
  std::vector<std::pair<std::int64_t, std::int64_t>> decode;  // second, units
  for (const auto& s : totals.decode_units)
    if (decode.empty() || decode.back().second != s.units.total())
      decode.emplace_back(s.from.ns / kNsPerSecond, s.units.total());
  REQUIRE(decode.size() == 3);
  CHECK(decode[0] == std::pair<std::int64_t, std::int64_t>{0, 1});
  CHECK(decode[1] == std::pair<std::int64_t, std::int64_t>{1, 3});
  CHECK(decode[2].second == 1);
  CHECK(decode[2].first >= 10 + 4);
}

// Decode of one request more every two seconds, each for an hour: a ramp. When the tenth unit serves.
double tenth_unit_s(policy::ScalingKind kind) {
  SmallFleet f;
  f.fleet.decode.scaling = {.kind = kind,
                            .target = 10.0,
                            .every = {10 * kNsPerSecond},
                            .calm = {},
                            .units_min = 1,
                            .units_max = 20,
                            .ahead = {40 * kNsPerSecond}};
  f.fleet.decode.availability.start_up = {30 * kNsPerSecond};
  f.settings.window = {300 * kNsPerSecond};
  f.settings.patience = {};
  for (int i = 0; i < 150; ++i) f.request(2000.0 * i, 1, 60'000);
  for (const auto& s : f.run().decode_units)
    if (s.units.serving == 10) return static_cast<double>(s.from.ns) / kNsPerSecond;
  return 300.0;
}

TEST_CASE("where the load rises steadily, a forecast has units ready that reactive scaling orders too late") {
  CHECK(tenth_unit_s(policy::ScalingKind::kReactive) - tenth_unit_s(policy::ScalingKind::kForecast) >= 30.0);
}

TEST_CASE("scaled by the KV cache, units follow tokens that are held and not the requests that hold them") {
  const auto units_most = [](policy::ScalingSignal signal, std::int32_t input) {
    SmallFleet f;
    f.decode_room(10'000);
    f.fleet.decode.scaling = {.kind = policy::ScalingKind::kReactive,
                              .signal = signal,
                              .target = signal == policy::ScalingSignal::kKv ? 0.5 : 4.0,
                              .every = {kNsPerSecond},
                              .units_min = 1,
                              .units_max = 8};
    for (int i = 0; i < 8; ++i) f.request(100, input, 1000);
    std::int64_t most = 0;
    for (const auto& s : f.run().decode_units) most = std::max(most, s.units.total());
    return most;
  };
  CHECK(units_most(policy::ScalingSignal::kRequests, 10) ==
        units_most(policy::ScalingSignal::kRequests, 2000));
  CHECK(units_most(policy::ScalingSignal::kKv, 10) ==
        2);  // 8 x (10 + 1000 by the end) of 10,000, held at a half
  CHECK(units_most(policy::ScalingSignal::kKv, 2000) == 5);  // 8 x (2000 + 1000)
}

TEST_CASE("scaled by what waits, prefill orders at once as many units as the queue needs") {
  const auto second_look = [](policy::ScalingSignal signal) {
    SmallFleet f;
    f.fleet.prefill.tokens_per_gpu = 100;
    f.fleet.prefill.scaling = {.kind = policy::ScalingKind::kReactive,
                               .signal = signal,
                               .target = 0.51,
                               .every = {kNsPerSecond},
                               .units_min = 1,
                               .units_max = 30};
    for (int i = 0; i < 10'000; ++i) f.request(10, 100, 1);
    std::int64_t units = 0;
    for (const auto& s : f.run().prefill_units)
      if (s.from.ns <= kNsPerSecond) units = s.units.total();
    return units;
  };
  CHECK(second_look(policy::ScalingSignal::kWork) <= 2);  // one unit was full: near twice the target
  CHECK(second_look(policy::ScalingSignal::kQueue) > 10);
}

TEST_CASE("scaled by work, a prefill stage whose passes have no room for more tokens is full") {
  SmallFleet f;
  f.pass_time = [](const step::PrefillLoad& l) {
    return Seconds(1e-3 * l.tokens_busiest + 1e-6 * l.pairs_busiest);
  };
  f.fleet.prefill.tokens_per_gpu = 100;
  f.fleet.prefill.attended_per_token = 4000;  // of short prompts that is never used: a fifth of the work
  f.fleet.prefill.scaling = {.kind = policy::ScalingKind::kReactive,
                             .target = 0.9,
                             .every = {kNsPerSecond},
                             .units_min = 1,
                             .units_max = 8};
  for (int i = 0; i < 400; ++i) f.request(35.0 * i, 100, 1);  // a pass of 105 ms each: three units
  std::int64_t units = 0;
  for (const auto& s : f.run().prefill_units) units = std::max(units, s.units.total());
  CHECK(units >= 4);  // at nine tenths
  CHECK(f.recorder.by_id(399).first_token < Instant{ms(35.0 * 399 + 400)});
}

TEST_CASE("two cores give the same events as one, losses and all") {
  const auto run = [](int threads) {
    SmallFleet f = with_outage();
    f.settings.threads = threads;
    for (int i = 0; i < 300; ++i) f.request(7.0 * i, 5 + i % 40, 2 + i % 30);
    return f.run();
  };
  const auto one = run(1), two = run(2);
  CHECK(one.digest == two.digest);
  CHECK(one.arrived == two.arrived);
  CHECK(one.retried == two.retried);
  CHECK(one.prefill_passes == two.prefill_passes);
}

TEST_CASE("an observer that fails ends the run with its error, on one core and on two") {
  struct Full : fleet::Observer {
    void finished(std::span<const fleet::Finished> /*requests*/) override {
      throw std::runtime_error("the disk is full");
    }
  } full;
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    SmallFleet f;
    f.settings.threads = threads;
    f.watcher = &full;
    f.request(0, 5, 3);
    CHECK_THROWS_WITH(f.run(), "the disk is full");
  }
}

}  // namespace
}  // namespace tideline
