// Do the surfaces that a fleet reads agree with the simulation of the whole step, between the points where
// they were made? On random loads and under drawn expert loads.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "sim/base/random.h"
#include "sim/moe/load_model.h"
#include "sim/step/simulation.h"
#include "sim/step/unit_surfaces.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

struct Fixture {
  explicit Fixture(Unit u)
      : unit(std::move(u)), simulation(unit, kernels::KernelModel::load(unit.node.gpu)), traffic(unit, 1) {}
  // The busiest load on one GPU, what is left of the mean on the others.
  double simulate(const RankLoad& busiest, double mean_share) {
    const auto n = static_cast<double>(unit.gpus());
    const double share = (n * mean_share - 1.0) / (n - 1.0);
    RankLoad other = busiest;
    for (double* p : {&other.requests, &other.kv_tokens, &other.tokens, &other.pairs, &other.context})
      *p *= share;
    std::vector<RankLoad> ranks(static_cast<std::size_t>(unit.gpus()), other);
    ranks.front() = busiest;
    return simulation.run(ranks, traffic).total.value();
  }
  Unit unit;
  StepSimulation simulation;
  TrafficSource traffic;
};

Unit deepseek(Phase phase, std::int64_t nodes, double drift) {
  Unit u = usual_unit(phase, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), nodes);
  u.redundant_experts = 32;
  if (phase == Phase::kDecode) u.draft_tokens = 1;
  u.experts.kind = moe::LoadKind::kSkew;
  u.experts.skew = moe::kMeasuredSkew;
  u.experts.skew.drift = drift;
  u.experts.busiest_over_mean = moe::LoadModel(u.experts, u.expert_group(), 1).busiest_over_mean();
  return u;
}

// Uniform numbers, three at a time.
struct Draws {
  double operator()(double low, double high) {
    const PhiloxBlock b = RandomStream(11, 0, Purpose::kRequest).block(n++);
    return low + (high - low) * uniform(b[0]);
  }
  std::uint64_t n = 0;
};

struct Errors {
  double sum = 0, worst = 0;
  int count = 0;
  void add(double predicted, double wanted) {
    const double e = std::abs(predicted / wanted - 1.0);
    sum += e, worst = std::max(worst, e), ++count;
  }
  void print(const char* what) const {
    std::printf("%s: mean %.2f %%, worst %.2f %%\n", what, 100 * sum / count, 100 * worst);
  }
};

TEST_CASE("a decode surface: within 0.5 % of the simulated step on average, 1.5 % at worst") {
  Fixture f(deepseek(Phase::kDecode, 18, 0.11));
  const DecodeSurface surface = decode_surface(f.unit, 750'000, 1, SurfaceStore(""));
  Draws draw;
  Errors errors;
  for (int i = 0; i < 12; ++i) {
    const double busiest = draw(10, 160), share = draw(0.6, 1.0), kv = busiest * draw(1500, 9000);
    errors.add(surface({share * busiest, busiest, kv}).value(),
               f.simulate({.requests = busiest, .kv_tokens = kv}, share));
  }
  errors.print("decode surface");
  CHECK(errors.sum / errors.count < 0.005);
  CHECK(errors.worst < 0.015);
}

// Of the unit of two tests, made once.
const PrefillSurface& prefill() {
  static const PrefillSurface surface =
      prefill_surface(deepseek(Phase::kPrefill, 4, 0.11), 16384, 131072, 1, SurfaceStore(""));
  return surface;
}

TEST_CASE("a prefill surface: within 1 % of the simulated pass on average, 3 % at worst") {
  Fixture f(deepseek(Phase::kPrefill, 4, 0.11));
  const PrefillSurface& surface = prefill();
  Draws draw;
  Errors errors;
  for (int i = 0; i < 16; ++i) {
    const double busiest = draw(2000, 16384), share = draw(0.3, 1.0), pairs = busiest * draw(500, 12000);
    errors.add(surface({share * busiest, busiest, pairs, busiest}).value(),
               f.simulate({.tokens = busiest, .pairs = pairs, .context = busiest}, share));
  }
  errors.print("prefill surface");
  CHECK(errors.sum / errors.count < 0.01);
  CHECK(errors.worst < 0.03);
}

// Here the GPU with most work has fewer tokens than the mean.
TEST_CASE("a short chunk after a long prefix, beside whole prompts: within 2 % on average, 5 % at worst") {
  Fixture f(deepseek(Phase::kPrefill, 4, 0.11));
  const PrefillSurface& surface = prefill();
  const double n = static_cast<double>(f.unit.gpus());
  Draws draw;
  Errors errors;
  for (int i = 0; i < 16; ++i) {
    const double chunk = draw(128, 2000), prefix = draw(60'000, 125'000), prompt = draw(1000, 4000);
    const RankLoad busiest{.tokens = chunk, .pairs = chunk * prefix, .context = prefix + chunk},
        other{.tokens = prompt, .pairs = prompt * prompt / 2, .context = prompt};
    const PrefillWeights weigh = surface.weights();
    if (weigh.work(busiest.tokens, busiest.pairs, busiest.context) <
        weigh.work(other.tokens, other.pairs, other.context))
      continue;
    std::vector<RankLoad> ranks(static_cast<std::size_t>(f.unit.gpus()), other);
    ranks.front() = busiest;
    const double mean = (chunk + (n - 1.0) * prompt) / n;
    errors.add(surface({mean, chunk, busiest.pairs, busiest.context}).value(),
               f.simulation.run(ranks, f.traffic).total.value());
  }
  errors.print("short chunks");
  CHECK(errors.count > 10);
  CHECK(errors.sum / errors.count < 0.02);
  CHECK(errors.worst < 0.05);
}

}  // namespace
}  // namespace tideline::step
