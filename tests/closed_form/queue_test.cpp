// Does the fleet agree with queueing theory where theory has an answer? Every mean is printed with the
// interval that holds the truth with 99 % confidence, and theory has to be inside.
#include <cmath>

#include "sim/base/random.h"
#include "tests/closed_form/interval.h"
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::agrees;
using testing::SmallFleet;

using Lengths = std::function<workload::Lengths(double chance)>;

// Poisson arrivals at `rate` per second; lengths may be drawn.
std::function<std::optional<workload::Arrival>()> poisson(double rate, Lengths lengths) {
  return [=, t = 0.0, id = std::uint64_t{0}]() mutable {
    const PhiloxBlock words = RandomStream(7, 0, Purpose::kArrival).block(id);
    t -= std::log(uniform(words[0])) / rate;
    return workload::Arrival{Instant{} + to_duration(Seconds(t)), id++, 0, lengths(uniform(words[1]))};
  };
}
Lengths always(workload::Lengths lengths) {
  return [=](double) { return lengths; };
}

std::vector<double> prefill_times(const SmallFleet& f) {
  std::vector<double> times;
  for (const auto& r : f.recorder.requests) times.push_back(to_seconds(r.first_token - r.arrival).value());
  return times;
}
std::vector<double> decode_times(const SmallFleet& f) {
  std::vector<double> times;
  for (const auto& r : f.recorder.requests) times.push_back(to_seconds(r.last_token - r.first_token).value());
  return times;
}

TEST_CASE("M/D/1: prompts of one length, one a pass, wait as Pollaczek and Khinchine say") {
  const double service = 0.128;
  for (const double load : {0.3, 0.6, 0.8}) {
    SmallFleet f;
    f.fleet.prefill.tokens_per_gpu = 128;
    f.settings.window = {12 * kNsPerHour};
    f.run_with(poisson(load / service, always({128, 0, 1})));
    CHECK(agrees("M/D/1", load, prefill_times(f), service * (1.0 + load / (2.0 * (1.0 - load)))));
  }
}

// Erlang's C: the chance that all of `servers` are busy.
double chance_of_waiting(int servers, double offered) {
  double term = 1.0, sum = 0.0;
  for (int k = 0; k < servers; ++k) {
    sum += term;
    term *= offered / (k + 1);
  }
  const double busy = term / (1.0 - offered / servers);
  return busy / (sum + busy);
}

TEST_CASE("M/M/c: ranks with room for one answer, of geometric length, wait as Erlang says") {
  // An answer takes 100 steps of 2 ms on average; one that begins beside others waits for half a step.
  const double step = 2e-3, steps = 100.0, service = step * steps;
  for (const int servers : {1, 4}) {
    for (const double load : {0.5, 0.7}) {
      SmallFleet f(servers);
      const auto half = static_cast<std::int32_t>(0.6 * f.fleet.decode.unit.kv_capacity_tokens(0.0));
      f.settings.window = {(servers == 1 ? 50 : 15) * kNsPerHour / 10};
      f.pass_time = [](const step::PrefillLoad&) { return Seconds(1e-7); };
      f.step_time = [=](const step::DecodeLoad&) { return Seconds(step); };
      f.fleet.transfer_rate = BytesPerSecond(1e30);
      f.fleet.prefill.unit.node.gpu.memory = Bytes(1e15);  // so that all wait for decode, none for prefill
      f.fleet.prefill.tokens_per_gpu = f.fleet.prefill.attended_per_token = 1 << 24;
      f.run_with(poisson(load * servers / service, [=](double chance) {
        const double drawn = std::ceil(std::log(chance) / std::log1p(-1.0 / steps));
        return workload::Lengths{half, half - 1, 1 + std::max(1, static_cast<std::int32_t>(drawn))};
      }));
      const double waits = chance_of_waiting(servers, load * servers) / (servers * (1.0 - load));
      CHECK(agrees(servers == 1 ? "M/M/1" : "M/M/4", load, decode_times(f), service * (1.0 + waits)));
    }
  }
}

TEST_CASE("processor sharing: a rank whose step takes as long as it has requests serves in D / (1 - load)") {
  // Every answer needs 100 steps of 0.05 ms for each request on the rank: D = 5 ms of the rank alone.
  const double alone = 0.005;
  for (const double load : {0.4, 0.7}) {
    SmallFleet f;
    f.settings.window = {2 * kNsPerHour / 10};
    f.pass_time = [](const step::PrefillLoad&) { return Seconds(1e-7); };
    f.step_time = [](const step::DecodeLoad& l) {
      return Seconds(0.05e-3 * std::max(1.0, l.requests_busiest));
    };
    f.run_with(poisson(load / alone, always({1, 0, 101})));
    CHECK(agrees("processor sharing", load, decode_times(f), alone / (1.0 - load)));
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
