// What is measured of a small fleet whose times are given: numbers worked out by hand.
#include <cmath>

#include "sim/metrics/day.h"
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::ms;
using testing::SmallFleet;

// A pass takes 1 ms a token, a step 10 ms (the fixture's defaults).
metrics::Day measured(SmallFleet& f, fleet::RunTotals* totals = nullptr) {
  metrics::Day day(f.settings.window, 1);
  f.watcher = &day;
  const auto t = f.run();
  if (totals) *totals = t;
  return day;
}

TEST_CASE("two prompts one after the other: the second queues for the pass of the first") {
  SmallFleet f;
  f.request(0, 128, 1);
  f.request(28, 200, 1);
  const auto s = measured(f).whole();
  CHECK(s.latencies.queue.mean_s() == testing::about(0.100 / 2, 1e-3));
  CHECK(s.latencies.ttft.mean_s() == testing::about((0.128 + 0.300) / 2, 1e-3));
  CHECK(s.latencies.itl.count() == 0);
  CHECK(s.latencies.tpot.count() == 0);
}

TEST_CASE("a prompt cut into chunks has queued when its first chunk begins") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 128;
  f.request(0, 256, 1);
  CHECK(measured(f).whole().latencies.queue.mean_s() == 0.0);
}

TEST_CASE("four tokens are three gaps; the first holds the transfer of the cache") {
  SmallFleet f;
  f.fleet.transfer_rate = f.fleet.decode.unit.llm.kv_per_token() * Tokens(128.0) / Seconds(0.050);
  f.request(0, 128, 4);
  const auto s = measured(f).whole();
  CHECK(s.latencies.decode_wait.mean_s() == testing::about(0.050, 1e-3));
  CHECK(s.latencies.itl.count() == 3);
  CHECK(s.latencies.itl.mean_s() == testing::about((0.060 + 2 * 0.010) / 3, 1e-3));
  CHECK(s.latencies.tpot.mean_s() == testing::about(0.080 / 3, 1e-3));
}

TEST_CASE("an answer that is computed again has joined once, and its gap counts as a step") {
  SmallFleet f;
  f.fleet.decode.availability.outages = {{Instant{ms(100)}, 0, {ms(100)}}};
  f.request(0, 32, 20);  // lost in its seventh step, and joins again after two seconds
  fleet::RunTotals totals;
  const auto s = measured(f, &totals).whole();
  REQUIRE(totals.retried == 1);
  CHECK(s.latencies.decode_wait.count() == 1);
  CHECK(s.latencies.decode_wait.mean_s() == 0.0);
  CHECK(s.latencies.itl.quantile_s(1.0) < 0.0101);
}

TEST_CASE("with drafts a gap is a step, and TPOT is shorter than ITL by the tokens of a step") {
  SmallFleet f;
  f.fleet.decode.unit.draft_tokens = 1;
  f.fleet.decode.draft_acceptance = 0.85;
  for (int i = 0; i < 50; ++i) f.request(i * 40.0, 4, 1001);
  const auto s = measured(f).whole();
  // The first gap of each answer holds the wait for a step too.
  CHECK(s.latencies.itl.mean_s() == testing::about(10e-3, 3e-3));
  CHECK(s.latencies.itl.mean_s() / s.latencies.tpot.mean_s() == testing::about(1.85, 0.01));
}

TEST_CASE("a minute of one prompt of 6 s and an answer of 3 s: a tenth and a twentieth of the unit time") {
  SmallFleet f;
  f.settings.window = {60 * kNsPerSecond};
  f.request(0, 6000, 301);
  f.request(70'000, 1, 1);  // keeps the run going past the window
  f.settings.window = {120 * kNsPerSecond};
  const auto minutes = measured(f).series().minutes();
  CHECK(minutes[0].arrivals == 1);
  CHECK(minutes[0].input_miss_tokens == 6000);
  CHECK(minutes[0].finished == 1);
  CHECK(minutes[0].output_tokens == 301.0);
  CHECK(minutes[0].prefill_busy == testing::about(0.1, 1e-3));
  CHECK(minutes[0].decode_busy == testing::about(0.05, 1e-3));
  CHECK(minutes[0].on_ranks == testing::about(3.0 / 60, 1e-3));
  CHECK(minutes[0].prefill_units.serving == 1.0);
  CHECK(minutes[1].prefill_busy == testing::about(0.001 / 60, 0.05));
}

TEST_CASE("tokens of a minute's passes are what they compute: nothing of rejected prompts, nothing cached") {
  SmallFleet f;
  f.decode_room(300);
  f.settings.window = {60 * kNsPerSecond};
  f.request(0, 100'000, 10);  // fits on no rank
  f.request(0, 200, 2, 50);
  f.request(59'000, 1, 1);
  fleet::RunTotals totals;
  const auto minutes = measured(f, &totals).series().minutes();
  CHECK(minutes[0].set_backs.rejected == 1);
  CHECK(minutes[0].prefill_passes == 2);
  CHECK(minutes[0].prefill_tokens == 151.0);
  CHECK(totals.prefill_tokens == 151.0);
}

TEST_CASE("units that start and units that are down are counted by the minute") {
  SmallFleet f;
  f.settings.window = {180 * kNsPerSecond};
  f.fleet.schedule = {{Instant{-1}, 1, 2}};
  f.fleet.decode.availability = {.start_up = {30 * kNsPerSecond},
                                 .node_mtbf = {},
                                 .repair = {},
                                 .spares = 0,
                                 .outages = {{Instant{60 * kNsPerSecond}, 1, {30 * kNsPerSecond}}}};
  f.request(0, 1, 1);
  f.request(179'000, 1, 1);
  const auto minutes = measured(f).series().minutes();
  CHECK(minutes[0].decode_units.serving == 2.0);
  CHECK(minutes[1].decode_units.serving == testing::about(1.0, 0.03));
  CHECK(minutes[1].decode_units.down == testing::about(1.0, 0.03));  // repair and start-up
  CHECK(minutes[2].decode_units.serving == testing::about(2.0, 0.03));
}

TEST_CASE("prefill asked for a fifth more than it can do is found in a minute, though all is answered") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 120;
  f.settings.window = {60 * kNsPerSecond};
  for (int i = 0; i < 6000; ++i) f.request(i * 10.0, 12, 1);  // 1.2 s of work a second
  fleet::RunTotals totals;
  const auto growths = measured(f, &totals).queues().growths();
  CHECK(totals.window_unfinished == 0);
  REQUIRE(growths.size() == 1);
  CHECK(growths[0].stage == Phase::kPrefill);
  CHECK(growths[0].overload() == testing::about(1.0 - 1.0 / 1.2, 0.02));
}

TEST_CASE("prefill that is almost fully used, but not more, is not called saturated") {
  SmallFleet f;
  f.settings.window = {60 * kNsPerSecond};
  for (int i = 0; i < 6000; ++i) f.request(i * 10.0, 9, 1);
  CHECK(measured(f).queues().growths().empty());
}

TEST_CASE("decode without room for its load is found by the answers that wait") {
  SmallFleet f;
  const auto& unit = f.fleet.decode.unit;
  f.fleet.decode.unit.node.gpu.memory =
      Bytes((unit.weights_per_gpu() + unit.llm.kv_per_token() * Tokens(520.5)).value());
  f.settings.window = {60 * kNsPerSecond};
  f.pass_time = [](const step::PrefillLoad&) { return Seconds(1e-6); };
  // Room for 4 answers of 110 tokens; each stands there for 100 ms: 40 a second. 80 come.
  for (int i = 0; i < 4800; ++i) f.request(i * 12.5, 100, 11);
  const auto growths = measured(f).queues().growths();
  REQUIRE(growths.size() == 1);
  CHECK(growths[0].stage == Phase::kDecode);
  CHECK(growths[0].overload() == testing::about(0.5, 0.1));
}

TEST_CASE("a request that fits nowhere is offered and not answered, and rejected only in the window") {
  SmallFleet f;
  const auto& unit = f.fleet.decode.unit;
  f.fleet.decode.unit.node.gpu.memory =
      Bytes((unit.weights_per_gpu() + unit.llm.kv_per_token() * Tokens(300.5)).value());
  f.settings.warm_up = {kNsPerSecond};
  f.arrivals.push_back({Instant{-ms(500)}, 0, 0, {400, 0, 10}});
  f.request(0, 400, 10);
  f.request(1, 100, 10);
  fleet::RunTotals totals;
  const auto s = measured(f, &totals).whole();
  CHECK(totals.rejected == 1);
  CHECK(s.slo.offered == 2);
  CHECK(s.tokens.requests == 1);
}

// Two classes in two hours: too long a request of the second class in each hour; answers of both that outgrow
// their rank in the first; and a unit lost in the second.
SmallFleet with_set_backs() {
  SmallFleet f;
  f.classes.push_back(SmallFleet::request_class());
  f.settings.window = {2 * kNsPerHour};
  f.decode_room(400);
  f.fleet.decode.admission.kind = policy::Admission::kPromptOnly;
  f.fleet.schedule = {{Instant{-1}, 1, 2}};
  f.fleet.decode.availability.outages = {{Instant{kNsPerHour + ms(2500)}, 0, {ms(1000)}}};
  for (const double hour_ms : {0.0, 3.6e6}) {
    for (int i = 0; i < 24; ++i) {
      f.request(hour_ms + 100.0 * i, 20 + i, 200);
      f.arrivals.back().request_class = static_cast<std::uint8_t>(i % 3 == 0);
    }
    f.request(hour_ms + 5000, 4000, 10);
    f.arrivals.back().request_class = 1;
  }
  return f;
}

metrics::SetBacks sum(const std::vector<metrics::Slice>& slices) {
  metrics::SetBacks all;
  for (const metrics::Slice& s : slices) all += s.set_backs;
  return all;
}

TEST_CASE("rejected, taken off, computed again: classes, hours and minutes each add up to the run") {
  for (const int threads : {1, 2}) {
    SmallFleet f = with_set_backs();
    f.settings.threads = threads;
    metrics::Day day(f.settings.window, 2);
    f.watcher = &day;
    const fleet::RunTotals totals = f.run();
    const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    const metrics::SetBacks run{count(totals.rejected), count(totals.preempted), count(totals.retried)};
    CHECK(run.rejected == 2);
    CHECK(run.preempted > 0);
    CHECK(run.retried > run.preempted);
    CHECK(day.whole().set_backs == run);
    CHECK(sum(day.by_class()) == run);
    CHECK(sum(day.hours()) == run);
    metrics::SetBacks minutes;
    for (const metrics::Minute& m : day.series().minutes()) minutes += m.set_backs;
    CHECK(minutes == run);
    for (const metrics::Slice& c : day.by_class()) CHECK(c.set_backs.retried > 0);
    CHECK(day.by_class()[0].set_backs.rejected == 0);
    CHECK(day.hours()[1].set_backs.rejected == 1);
    CHECK(day.hours()[1].set_backs.retried > day.hours()[1].set_backs.preempted);  // the lost unit's too
    CHECK(day.hours()[0].set_backs.retried == day.hours()[0].set_backs.preempted);
  }
}

TEST_CASE("a request that is computed again counts in the hour it came and in the minute of its mishap") {
  metrics::Day day({2 * kNsPerHour}, 1);
  const fleet::SetBack late{Instant{kNsPerHour - 1}, Instant{kNsPerHour + 1}, fleet::SetBack::Kind::kRetried};
  day.set_back({&late, 1});
  CHECK(day.hours()[0].set_backs.retried == 1);
  CHECK(day.hours()[1].set_backs.retried == 0);
  CHECK(day.series().minutes()[60].set_backs.retried == 1);
}

TEST_CASE("one thread and two measure the same, minute by minute") {
  const auto run = [](int threads) {
    SmallFleet f(2);
    f.settings.threads = threads;
    f.settings.window = {120 * kNsPerSecond};
    f.fleet.schedule = {{Instant{-1}, 1, 2}};
    f.fleet.decode.availability.outages = {{Instant{ms(20'000)}, 1, {ms(5000)}}};
    for (int i = 0; i < 3000; ++i) f.request(37.0 * i, 5 + i % 60, 2 + i % 90);
    return measured(f);
  };
  const metrics::Day one = run(1), two = run(2);
  const auto a = one.series().minutes(), b = two.series().minutes();
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].arrivals == b[i].arrivals);
    CHECK(a[i].output_tokens == b[i].output_tokens);
    CHECK(a[i].prefill_waiting == b[i].prefill_waiting);
    CHECK(a[i].on_ranks == b[i].on_ranks);
    CHECK(a[i].kv_mean == b[i].kv_mean);
    CHECK(a[i].prefill_busy == b[i].prefill_busy);
    CHECK(a[i].decode_busy == b[i].decode_busy);
  }
  CHECK(one.whole().latencies.queue.mean_s() == two.whole().latencies.queue.mean_s());
  CHECK(one.whole().latencies.itl.mean_s() == two.whole().latencies.itl.mean_s());
  CHECK(one.whole().latencies.itl.count() == two.whole().latencies.itl.count());
}

TEST_CASE("the last second of a run is sampled too, where all has been answered when it ends") {
  struct Sampled : testing::Recorder {
    std::vector<Instant> at;
    void sampled(const fleet::Sample& s) override { at.push_back(s.at); }
  };
  for (const int threads : {1, 2}) {
    SmallFleet f;
    f.settings.window = {2 * kNsPerSecond};
    f.settings.threads = threads;
    f.request(0, 128, 4);
    Sampled sampled;
    f.watcher = &sampled;
    f.run();
    CHECK(sampled.at == std::vector{Instant{kNsPerSecond}, Instant{2 * kNsPerSecond}});
  }
}

TEST_CASE("the share of a pass's budget counts the tokens of passes, not of requests that came") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 100;
  f.settings.window = {ms(350)};
  f.request(0, 250, 1);    // three passes: 100, 100 and 50 tokens
  f.request(10, 1000, 1);  // one of its ten begins before the window is over
  const auto totals = f.run();
  CHECK(totals.window_prefill_passes == 4);
  CHECK(totals.prefill_tokens == 350.0);
  CHECK(totals.prefill_fills == testing::about(3.5, 1e-3));
}

}  // namespace
}  // namespace tideline
