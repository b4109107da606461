// Does a fleet that reads surfaces do what the same fleet does when every one of its steps is simulated,
// kernel by kernel, on the loads that its ranks have at that moment?
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

#include "sim/base/random.h"
#include "sim/moe/load_model.h"
#include "sim/step/simulation.h"
#include "sim/step/surface_times.h"
#include "sim/step/unit_surfaces.h"
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline::step {
namespace {

constexpr double kKvMax = 400'000, kTokensMax = 16384, kContextMax = 131072;

// Two micro-batches on 32 GPUs under drawn expert popularity, replicated by EPLB.
Unit deepseek(Phase phase) {
  Unit u = usual_unit(phase, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
  u.redundant_experts = 32;
  if (phase == Phase::kDecode) u.draft_tokens = 1;
  u.experts.kind = moe::LoadKind::kSkew;
  u.experts.skew = moe::kMeasuredSkew;
  u.experts.busiest_over_mean = moe::LoadModel(u.experts, u.expert_group(), 1).busiest_over_mean();
  return u;
}

// Every step and every pass by the simulation.
class SimulatedTimes : public StepTimes {
 public:
  SimulatedTimes(const Unit& prefill, const Unit& decode, const PrefillWeights& weights)
      : prefill_(prefill), decode_(decode), weights_(weights) {}
  Seconds decode_step(const DecodeRanks& ranks, StepId id) override {
    std::vector<RankLoad> loads;
    for (std::size_t g = 0; g < ranks.requests.size(); ++g)
      loads.push_back({.requests = ranks.requests[g], .kv_tokens = ranks.kv_tokens[g]});
    return decode_.run(loads, id);
  }
  Seconds prefill_pass(const PrefillRanks& ranks, StepId id) override {
    std::vector<RankLoad> loads;
    for (std::size_t g = 0; g < ranks.tokens.size(); ++g)
      loads.push_back({.tokens = ranks.tokens[g], .pairs = ranks.pairs[g], .context = ranks.context[g]});
    return prefill_.run(loads, id);
  }
  [[nodiscard]] PrefillWeights prefill_weights() const override { return weights_; }

 private:
  struct Side {
    explicit Side(const Unit& unit)
        : simulation(unit, kernels::KernelModel::load(unit.node.gpu)), traffic(unit, 1) {}
    Seconds run(const std::vector<RankLoad>& loads, StepId id) {
      traffic.begin_step(id.step);
      return simulation.run(loads, traffic).total;
    }
    StepSimulation simulation;
    TrafficSource traffic;
  } prefill_, decode_;
  PrefillWeights weights_;
};

// Fifteen seconds of so many requests a second: prompts of 500 to 6,000 tokens, answers of 20 to 400.
struct Load : workload::ArrivalSource {
  explicit Load(std::uint64_t per_second) : rate(per_second) {}
  std::size_t read(std::span<workload::Arrival> arrivals) override {
    std::size_t count = 0;
    for (; count < arrivals.size() && n < 15 * rate; ++count, ++n) {
      const PhiloxBlock w = RandomStream(5, 0, Purpose::kRequest).block(n);
      const auto input = static_cast<std::int32_t>(500 + 5500 * uniform(w[0]));
      arrivals[count] = {
          Instant{static_cast<std::int64_t>(n) * kNsPerSecond / static_cast<std::int64_t>(rate)},
          n,
          0,
          {input, static_cast<std::int32_t>(0.56 * input),
           static_cast<std::int32_t>(20 + 380 * uniform(w[1]))}};
    }
    return count;
  }
  std::uint64_t rate, n = 0;
};

struct Latencies {
  double ttft = 0, tpot = 0, tpot_p99 = 0, end = 0;
};

Latencies serve(std::uint64_t rate, StepTimes& times, const Unit& prefill, const Unit& decode) {
  testing::SmallFleet small;
  fleet::Fleet fleet = small.fleet;
  fleet.prefill.unit = prefill, fleet.decode.unit = decode;
  fleet.decode.draft_acceptance = 0.85, fleet.decode.memory_reserve = 0.1;
  fleet.transfer_rate = BytesPerSecond(40e9);
  fleet::RunSettings settings;
  settings.warm_up = {}, settings.window = {15 * kNsPerSecond};
  const auto document = config::Document::parse(
      R"({"name": "all", "input_tokens": {"constant": 1}, "output_tokens": {"constant": 1}})", "class.json");
  testing::Recorder recorder;
  Load load(rate);
  simulate(fleet, {workload::RequestClass::read(document.root())}, load, times, settings, recorder);
  Latencies l;
  std::vector<double> tpot;
  for (const fleet::Finished& r : recorder.requests) {
    l.ttft += to_seconds(r.first_token - r.arrival).value();
    tpot.push_back(to_seconds(r.last_token - r.first_token).value() / (r.output - 1));
    l.end = std::max(l.end, to_seconds(r.last_token - Instant{}).value());
  }
  const auto requests = static_cast<double>(tpot.size());
  l.ttft /= requests;
  l.tpot = std::accumulate(tpot.begin(), tpot.end(), 0.0) / requests;
  std::ranges::nth_element(tpot, tpot.begin() + static_cast<std::ptrdiff_t>(0.99 * requests));
  l.tpot_p99 = tpot[static_cast<std::size_t>(0.99 * requests)];
  return l;
}

// Up to 85 requests a second a prompt waits for little but the pass that runs. At 100 prompts queue up, and
// what a pass is off adds up in the queue, the more the nearer units are to too few.
TEST_CASE("a fleet on surfaces and one that simulates each step agree within 1 %, in a queue within 3 %") {
  const Unit prefill = deepseek(Phase::kPrefill), decode = deepseek(Phase::kDecode);
  const SurfaceStore nothing("");
  SurfaceTimes surfaces(prefill_surface(prefill, kTokensMax, kContextMax, 1, nothing),
                        decode_surface(decode, kKvMax, 1, nothing));
  SimulatedTimes simulated(prefill, decode, surfaces.prefill_weights());
  const auto compare = [](const char* what, double surface, double kernels, double within) {
    std::printf("  %-14s surfaces %8.4f  simulated %8.4f  %+.2f %%\n", what, surface, kernels,
                100.0 * (surface / kernels - 1.0));
    CHECK(surface == doctest::Approx(kernels).epsilon(within).scale(0));
  };
  for (const std::uint64_t rate : {40, 85, 100}) {
    std::printf("%d requests/s\n", static_cast<int>(rate));
    const Latencies s = serve(rate, surfaces, prefill, decode), k = serve(rate, simulated, prefill, decode);
    compare("TTFT, s", s.ttft, k.ttft, rate < 100 ? 0.01 : 0.03);
    compare("TPOT, s", s.tpot, k.tpot, 0.005);
    compare("TPOT p99, s", s.tpot_p99, k.tpot_p99, 0.01);
    compare("last token, s", s.end, k.end, 0.02);
  }
}

}  // namespace
}  // namespace tideline::step
