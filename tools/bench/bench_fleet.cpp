// The fleet's speed in simulated requests: the flagship scenario from 11:30 on, when all units serve. Once
// with step times that are given, so that only the fleet is timed; once with all that `tideline run` does.
#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "sim/base/check.h"
#include "sim/fleet/simulation.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario.h"
#include "sim/step/surface_times.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

constexpr int kRepetitions = 3;

scenario::Scenario slice(const std::vector<std::string>& changes = {"duration=10 min"}) {
  return scenario::read(
      config::Document::load(TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27.json", changes));
}

// 85 ms a step at 88 requests on each rank, 5,000 tokens of cache each.
Seconds given_step(const step::DecodeLoad& l) {
  return Seconds(20e-3 + 0.55e-3 * l.requests_busiest + 1e-4 * l.requests_mean + 1.8e-8 * l.kv_busiest);
}

// 2 s a pass of 16,384 tokens on each GPU, prompts of 4,096 tokens.
Seconds given_pass(const step::PrefillLoad& l) {
  return Seconds(20e-3 + 7e-5 * l.tokens_busiest + 3e-5 * l.tokens_mean + 1e-8 * l.pairs_busiest);
}

struct Unwatched : fleet::Observer {
  void finished(std::span<const fleet::Finished>) override {}
};

// Nanoseconds of wall time a request: `run` returns how many it simulated.
template <class Run>
Result time_per_request(Run run) {
  std::vector<double> ns;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t requests = run();
    ns.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() /
                 static_cast<double>(requests));
  }
  std::sort(ns.begin(), ns.end());
  return {ns[ns.size() / 2], ns.front(), ns.back(), kRepetitions};
}

Result fleet_of(const scenario::Scenario& s, int threads) {
  step::SurfaceTimes times(step::PrefillSurface(given_pass, step::weigh(given_pass), 16384, 131072),
                           step::DecodeSurface(given_step, 512, 750'000));
  const fleet::RunSettings settings{
      .seed = s.seed, .window = s.window, .warm_up = s.warm_up, .threads = threads, .progress = {}};
  return time_per_request([&] {
    Unwatched nobody;
    workload::ArrivalStream arrivals(s.workload, s.seed, 0, Instant{-s.warm_up.ns});
    const auto totals = simulate(s.fleet, s.workload.classes, arrivals, times, settings, nobody);
    CHECK(!totals.saturated(), "a saturated fleet measures the length of its queue");
    return totals.arrived;
  });
}

}  // namespace

Result fleet_alone() {
  return fleet_of(slice(), 1);
}
Result fleet_on_two() {
  return fleet_of(slice(), 2);
}
Result fleet_twice_the_load() {
  return fleet_of(slice({"duration=10 min", "workload.output_tokens_per_day=336 Gtok",
                         R"(fleet.schedule=[{"from": "00:00", "prefill_units": 58, "decode_units": 18}])"}),
                  1);
}
Result fleet_for_longer() {
  return fleet_of(slice({"duration=70 min"}), 1);
}

Result whole_run() {
  const scenario::Scenario s = slice();
  return time_per_request([&] { return scenario::run(s).totals.arrived; });
}

}  // namespace tideline::bench
