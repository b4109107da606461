// Does the fast fleet, with its rings, boards and blocks by phase, do to the nanosecond what the same fleet
// does when it is written without any of them, one event a token?
#include "tests/twin/naive_fleet.h"

#include <cstdio>

#include "tests/doctest.h"
#include "tests/fleet_fixture.h"
#include "tests/swarm/dice.h"

namespace tideline {
namespace {

using swarm::Dice;

// Times that depend on every load which a fleet reports.
struct GivenTimes : step::StepTimes {
  Seconds decode_step(const step::DecodeRanks& ranks, step::StepId) override {
    double slowest = 0;
    for (std::size_t g = 0; g < ranks.requests.size(); ++g)
      slowest = std::max(slowest, 4e-4 * ranks.requests[g] + 1.7e-7 * ranks.kv_tokens[g]);
    return Seconds(5e-3 + slowest + 1e-5 * ranks.requests_all);
  }
  Seconds prefill_pass(const step::PrefillRanks& ranks, step::StepId) override {
    double slowest = 0;
    for (std::size_t g = 0; g < ranks.tokens.size(); ++g)
      slowest = std::max(slowest, prefill_weights().work(ranks.tokens[g], ranks.pairs[g], ranks.context[g]));
    return Seconds(8e-3 + 2.3e-8 * slowest);
  }
  [[nodiscard]] step::PrefillWeights prefill_weights() const override { return {3000.0, 40.0}; }
};

struct Case {
  testing::SmallFleet small;
  std::vector<workload::Arrival> arrivals;
};

// From idle to overloaded: prompts that fill a pass and prompts that take several, ranks with room for two of
// the longest requests and for fifty, NICs and storage that queue.
Case draw(std::uint64_t number) {
  Dice dice(number);
  Case c{testing::SmallFleet(dice.whole(1, 4)), {}};
  fleet::Fleet& f = c.small.fleet;
  f.schedule[0].prefill_units = dice.whole(1, 3);
  f.schedule[0].decode_units = dice.whole(1, 3);
  f.prefill.tokens_per_gpu = dice.whole(300, 4000);
  f.prefill.attended_per_token = dice.whole(100, 3000);
  f.decode.kv_block_tokens = std::int64_t{1} << dice.whole(0, 7);
  f.decode.admission.kind = policy::Admission::kReserve;
  f.decode.request_weight = static_cast<double>(dice.whole(0, 4096));
  const std::int64_t prompt = dice.whole(50, 6000), answer = dice.whole(1, 200);
  c.small.prefill_room(1e9);
  c.small.decode_room(static_cast<double>(prompt + answer + 2 * f.decode.kv_block_tokens) *
                      dice.between(2.0, 50.0));
  c.small.carries(static_cast<double>(prompt), dice.between(0.01, 80.0));
  f.prefill.cache_read_rate = f.transfer_rate * dice.between(0.1, 10.0);
  f.prefill.memory_read_rate = f.prefill.cache_read_rate * dice.between(0.5, 20.0);
  f.prefill.exchange_share = dice.between(0.0, 0.5);
  if (number % 2 == 0) f.storage = policy::Storage::kSharedNics;
  const double rate = dice.between(5.0, 400.0);
  double t = 0;
  for (std::uint64_t id = 0; id < 600; ++id) {
    t -= std::log(dice.between(1e-9, 1.0)) / rate;
    const auto input = static_cast<std::int32_t>(dice.whole(1, prompt));
    const auto whole = [&](std::int64_t low, std::int64_t high) {
      return static_cast<std::int32_t>(dice.whole(low, high));
    };
    const std::int32_t cached = dice.one_in(2) ? whole(0, input - 1) : 0;
    const std::int32_t in_memory = dice.one_in(2) ? whole(0, cached) : 0;
    c.arrivals.push_back(
        {Instant{to_duration(Seconds(t)).ns}, id, 0, {input, cached, whole(1, answer), in_memory}});
  }
  return c;
}

TEST_CASE("the fast fleet and a naive one, with an event a token, agree to the nanosecond") {
  std::size_t requests = 0, tokens = 0, cut = 0, waited = 0;
  for (std::uint64_t number = 1; number <= 60; ++number) {
    CAPTURE(number);
    Case c = draw(number);
    GivenTimes times;
    const auto lives = testing::NaiveFleet(c.small.fleet, times).serve(c.arrivals);
    c.small.arrivals = c.arrivals;
    c.small.settings.window = c.arrivals.back().at + Duration{kNsPerSecond} - Instant{};
    c.small.settings.threads = 1 + static_cast<int>(number % 2);
    const auto totals = c.small.run_on(times);
    REQUIRE(totals.rejected == 0);
    REQUIRE(c.small.recorder.requests.size() == c.arrivals.size());
    for (const fleet::Finished& r : c.small.recorder.requests) {
      const auto& life = lives[r.id];
      CAPTURE(r.id);
      REQUIRE(r.first_token.ns == life.first_token.ns);
      REQUIRE(r.last_token.ns == life.last_token.ns);
      ++requests, tokens += static_cast<std::size_t>(r.output), cut += life.cut, waited += life.waited;
    }
  }
  std::printf("%zu requests, %zu tokens, %zu prompts cut, %zu waited for a rank\n", requests, tokens, cut,
              waited);
  CHECK(cut > 1000);
  CHECK(waited > 1000);
}

}  // namespace
}  // namespace tideline
