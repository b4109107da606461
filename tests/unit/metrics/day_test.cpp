#include "sim/metrics/day.h"

#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

constexpr std::int64_t kMs = 1'000'000;

fleet::Finished answer(std::int64_t arrival_ms, std::int64_t first_ms, std::int64_t last_ms,
                       std::int32_t output, std::uint8_t request_class = 0) {
  return {.id = 0,
          .arrival = {arrival_ms * kMs},
          .first_token = {first_ms * kMs},
          .last_token = {last_ms * kMs},
          .input = 100,
          .cached = 60,
          .output = output,
          .request_class = request_class};
}

template <class T>
std::span<const T> one(const T& x) {
  return {&x, 1};
}

TEST_CASE("TTFT, TPOT, E2E and output speed of two answers") {
  Day day({kNsPerHour}, 1);
  day.finished(one(answer(0, 2000, 3000, 11)));    // gaps of 100 ms
  day.finished(one(answer(500, 4500, 5100, 21)));  // gaps of 30 ms
  const Slice s = day.whole();
  CHECK(s.latencies.ttft.mean_s() == testing::about(3.0));
  CHECK(s.latencies.tpot.mean_s() == testing::about(0.065));  // of requests, not of tokens
  CHECK(s.latencies.e2e.mean_s() == testing::about(3.8));
  CHECK(s.output_speed() == testing::about(30.0 / 1.6));  // of tokens
  CHECK(s.tokens.input_hit == 120);
  CHECK(s.tokens.output == 32);
}

TEST_CASE("queueing ends with the first pass, the wait for decode with the first step") {
  Day day({kNsPerHour}, 1);
  day.began(one(fleet::Began{{1000 * kMs}, {1250 * kMs}, 0}));
  day.joined(one(fleet::Joined{{1000 * kMs}, {2000 * kMs}, {2030 * kMs}, {2110 * kMs}, 0}));
  CHECK(day.whole().latencies.queue.mean_s() == testing::about(0.25));
  CHECK(day.whole().latencies.decode_wait.mean_s() == testing::about(0.03));
}

TEST_CASE("ITL counts a gap for each request and step: the first from the first token, the others a step") {
  Day day({kNsPerHour}, 1);
  day.joined(one(fleet::Joined{{0}, {2000 * kMs}, {2030 * kMs}, {2110 * kMs}, 0}));
  day.stepped(one(fleet::Stepped{{2190 * kMs}, {80 * kMs}, 3, 0}));
  const Histogram& itl = day.whole().latencies.itl;
  CHECK(itl.count() == 4);
  CHECK(itl.mean_s() == testing::about((0.110 + 3 * 0.080) / 4));
}

TEST_CASE("a request belongs to the hour of its arrival and to its class, and before the window to none") {
  Day day({2 * kNsPerHour}, 2);
  day.finished(one(answer(-1, 10, 20, 2, 1)));
  day.finished(one(answer(3'599'999, 3'600'010, 3'600'020, 2, 1)));
  day.finished(one(answer(3'600'000, 3'600'010, 3'600'020, 2, 0)));
  CHECK(day.hours()[0].tokens.requests == 1);
  CHECK(day.hours()[1].tokens.requests == 1);
  CHECK(day.by_class()[0].tokens.requests == 1);
  CHECK(day.by_class()[1].latencies.ttft.mean_s() == testing::about(0.011));
  CHECK(day.whole().tokens.requests == 2);
}

TEST_CASE("the one class of a day is the whole of it") {
  Day day({kNsPerHour}, 1);
  day.finished(one(answer(0, 10, 20, 2)));
  REQUIRE(day.by_class().size() == 1);
  CHECK(day.by_class()[0].tokens.requests == 1);
}

TEST_CASE("goodput is by class: each request is held to the objectives of its own") {
  Day day({kNsPerHour}, 2, Slos{.by_class = {{.ttft = {3000 * kMs}}, {.ttft = {1000 * kMs}}}});
  for (const bool second : {false, false, true})
    day.arrived(one(workload::Arrival{{0}, 0, static_cast<std::uint8_t>(second), {}}));
  day.finished(one(answer(0, 2000, 3000, 5, 0)));
  day.finished(one(answer(0, 2000, 3000, 5, 1)));
  CHECK(day.by_class()[0].slo.share() == 0.5);  // one was not answered
  CHECK(day.by_class()[1].slo.share() == 0.0);
  CHECK(day.by_class()[1].slo.ttft_missed == 1);
  CHECK(day.whole().slo.good == 1);
  CHECK(day.whole().slo.good_output_tokens == 5);
}

}  // namespace
}  // namespace tideline::metrics
