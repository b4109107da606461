// To which unit a request goes, balancer by balancer.
#include <array>

#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using policy::DecodeBalancer;
using policy::PrefillBalancer;
using testing::near;
using testing::SmallFleet;

// Two prefill units. The first is given a long prompt, the second three short ones, which one pass computes.
SmallFleet long_and_short(PrefillBalancer balancer) {
  SmallFleet f;
  f.fleet.prefill.balancer = balancer;
  f.fleet.schedule = {{Instant{-1}, 2, 1}};
  f.request(0, 1000, 1);
  f.request(1, 100, 1);  // until 101 ms
  return f;
}

TEST_CASE("least_work knows which unit is free first, least_outstanding how many prompts each has") {
  for (const auto balancer : {PrefillBalancer::kLeastWork, PrefillBalancer::kLeastOutstanding}) {
    SmallFleet f = long_and_short(balancer);
    f.request(2, 100, 1);  // the second: it is free first; the first: of equals
    f.run();
    const bool work = balancer == PrefillBalancer::kLeastWork;
    CHECK(near(f.recorder.by_id(2).first_token, work ? 101 + 100 : 1000 + 100));
  }
}

TEST_CASE("a session stays with its unit") {
  SmallFleet f;
  f.fleet.prefill.balancer = PrefillBalancer::kPrefixAffinity;
  f.fleet.schedule = {{Instant{-1}, 8, 1}};
  // Every prompt finds all units idle. Prompts of 200 ms that overlap in pairs: where a session's second
  // prompt waits for its first, both went to one unit.
  for (std::uint64_t s = 1; s <= 40; ++s)
    for (int turn = 0; turn < 2; ++turn) {
      f.request(1000.0 * static_cast<double>(s) + turn, 200, 1);
      f.arrivals.back().session = s;
    }
  f.run();
  for (std::uint64_t s = 1; s <= 40; ++s)
    CHECK(near(f.recorder.by_id(2 * s - 1).first_token, 1000.0 * static_cast<double>(s) + 400));
}

TEST_CASE("a session leaves its unit where another begins a whole pass earlier") {
  SmallFleet f;
  f.fleet.prefill.balancer = PrefillBalancer::kPrefixAffinity;
  f.fleet.prefill.tokens_per_gpu = 128;
  f.fleet.prefill.attended_per_token = 1;
  f.fleet.schedule = {{Instant{-1}, 2, 1}};
  for (int i = 0; i < 6; ++i) {
    f.request(i, 128, 1);
    f.arrivals.back().session = 7;
  }
  f.run();
  Instant last{};
  for (const auto& r : f.recorder.requests) last = std::max(last, r.first_token);
  CHECK(last < Instant{testing::ms(5 * 128)});  // not all six by one unit
}

TEST_CASE("requests without a session go where least_work would send them") {
  SmallFleet f = long_and_short(PrefillBalancer::kPrefixAffinity);
  f.request(2, 100, 1);
  f.run();
  CHECK(near(f.recorder.by_id(2).first_token, 101 + 100));
}

// Two decode ranks: one long prompt, then short ones that are there for as long.
double longest_answer_s(DecodeBalancer balancer) {
  SmallFleet f;
  f.fleet.decode.balancer = balancer;
  f.fleet.decode.unit.node.gpus = 2;
  f.fleet.decode.request_weight = 1;
  f.step_time = [](const step::DecodeLoad& l) { return Seconds(1e-3 * l.requests_busiest); };
  f.request(0, 1000, 3000);
  for (int i = 0; i < 8; ++i) f.request(1100 + 20 * i, 10, 3000);
  const auto totals = f.run();
  CHECK(totals.finished == 9);
  double longest = 0.0;
  for (const auto& r : f.recorder.requests)
    longest = std::max(longest, to_seconds(r.last_token - r.first_token).value());
  return longest;
}

TEST_CASE("least_loaded counts cached tokens, least_outstanding requests: then no rank has more than five") {
  // A step takes as many milliseconds as its busiest rank has requests: eight short ones beside one long on
  // the other rank, or five and four.
  CHECK(longest_answer_s(DecodeBalancer::kLeastLoaded) >
        1.4 * longest_answer_s(DecodeBalancer::kLeastOutstanding));
}

TEST_CASE("with every balancer every request is answered, and the same on two cores") {
  for (const auto& p : policy::kPrefillBalancers)
    for (const auto& d : policy::kDecodeBalancers) {
      std::array<std::uint64_t, 2> digests{};
      for (const int threads : {1, 2}) {
        SmallFleet f(3);
        f.settings.threads = threads;
        f.settings.window = {10 * kNsPerSecond};
        f.fleet.prefill.balancer = p.kind, f.fleet.decode.balancer = d.kind;
        f.fleet.schedule = {{Instant{-1}, 3, 3}, {Instant{testing::ms(500)}, 2, 2}};
        f.decode_room(500);
        for (int i = 0; i < 100; ++i) {
          f.request(10.0 * i, 5 + (i * 37) % 60, 2 + (i * 91) % 50);
          f.arrivals.back().session = static_cast<std::uint64_t>(i % 9);
        }
        const auto totals = f.run();
        CHECK(totals.finished == 100);
        digests[static_cast<std::size_t>(threads - 1)] = totals.digest;
      }
      CHECK(digests[0] == digests[1]);
    }
}

}  // namespace
}  // namespace tideline
