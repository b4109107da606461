// Does the fleet agree with queueing theory where theory has an answer?
#include "tests/fleet_fixture.h"

#include <cmath>
#include <cstdio>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline {
namespace {

using testing::SmallFleet;

// Poisson arrivals of one length at `rate` per second.
std::function<std::optional<workload::Arrival>()> poisson(double rate, workload::Lengths lengths) {
  return [=, t = 0.0, id = std::uint64_t{0}]() mutable {
    const RandomStream words(7, 0, Purpose::kArrival);
    t -= std::log(uniform(words.block(id)[0])) / rate;
    return workload::Arrival{Instant{} + to_duration(Seconds(t)), id++, 0, lengths};
  };
}

TEST_CASE("M/D/1: prompts of one length, one a pass, wait as Pollaczek and Khinchine say") {
  const double service = 0.128;
  for (const double load : {0.3, 0.6, 0.8}) {
    SmallFleet f;
    f.fleet.prefill.tokens_per_gpu = 128;
    f.settings.window = {20 * kNsPerHour};
    f.run_with(poisson(load / service, {128, 0, 1}));
    double mean = 0.0;
    for (const auto& r : f.recorder.requests) mean += to_seconds(r.first_token - r.arrival).value();
    mean /= static_cast<double>(f.recorder.requests.size());
    const double theory = service * (1.0 + load / (2.0 * (1.0 - load)));
    std::printf("M/D/1 at load %.1f: %.4f s, theory %.4f s\n", load, mean, theory);
    CHECK(mean == doctest::Approx(theory).epsilon(0.02).scale(0));
  }
}

TEST_CASE("processor sharing: a rank whose step takes as long as it has requests serves in D / (1 - load)") {
  // Every answer needs 50 steps of 1 ms per request on the rank: D = 50 ms of the rank alone.
  for (const double load : {0.4, 0.7}) {
    SmallFleet f;
    f.settings.window = {10 * kNsPerHour};
    f.pass_time = [](const step::PrefillLoad&) { return Seconds(1e-6); };
    f.step_time = [](const step::DecodeLoad& l) { return Seconds(1e-3 * std::max(1.0, l.requests_busiest)); };
    f.run_with(poisson(load / 0.050, {1, 0, 51}));
    double mean = 0.0;
    for (const auto& r : f.recorder.requests) mean += to_seconds(r.last_token - r.first_token).value();
    mean /= static_cast<double>(f.recorder.requests.size());
    const double theory = 0.050 / (1.0 - load);
    std::printf("processor sharing at load %.1f: %.4f s, theory %.4f s\n", load, mean, theory);
    CHECK(mean == doctest::Approx(theory).epsilon(0.04).scale(
                      0));  // a step is 2 % of an answer: joining waits for one
  }
}

TEST_CASE("output speed per user is tokens per step over time per step, drafts counted at their acceptance") {
  SmallFleet f;
  f.fleet.decode.unit.draft_tokens = 1;
  f.fleet.decode.draft_acceptance = 0.85;
  for (int i = 0; i < 200; ++i) f.request(i * 40.0, 4, 1001);
  f.run();
  double seconds = 0.0;
  for (const auto& r : f.recorder.requests) seconds += to_seconds(r.last_token - r.first_token).value();
  CHECK(200.0 * 1000.0 / seconds == doctest::Approx(1.85 / 10e-3).epsilon(0.01));
}

}  // namespace
}  // namespace tideline
