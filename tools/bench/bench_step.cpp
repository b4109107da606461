// Speed of the step simulation: one decode step of 144 GPUs, kernel by kernel, and all the surfaces that a
// new layout of the flagship needs.
#include "sim/base/check.h"
#include "sim/scenario/scenario.h"
#include "sim/step/simulation.h"
#include "sim/step/unit_surfaces.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

scenario::Scenario flagship() {
  return scenario::read(config::Document::load(TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27.json"));
}

}  // namespace

Result decode_step() {
  const step::Unit unit = flagship().fleet.decode.unit;
  const step::StepSimulation simulation(unit, kernels::KernelModel::load(unit.node.gpu));
  step::TrafficSource traffic(unit, 1);
  std::vector<step::RankLoad> ranks;
  for (std::int64_t g = 0; g < unit.gpus(); ++g) {
    const auto requests = static_cast<double>(80 + g % 16);
    ranks.push_back({.requests = requests, .kv_tokens = requests * 5000.0});
  }
  double sum = 0.0;
  const Result result = time_of(1, 9, [&] { sum += simulation.run(ranks, traffic).total.value(); });
  CHECK(sum > 0.0, "steps took no time");
  return result;
}

Result surfaces() {
  const scenario::Scenario s = flagship();
  const step::SurfaceStore nothing("");
  double sum = 0.0;
  const Result result = time_of(1, 3, [&] {
    const auto& prefill = s.fleet.prefill;
    const auto& decode = s.fleet.decode;
    sum += step::prefill_surface(prefill.unit, static_cast<double>(prefill.tokens_per_gpu),
                                 static_cast<double>(s.llm.context_max), s.seed, nothing)({1, 1, 1, 1})
               .value();
    sum += step::decode_surface(decode.unit, decode.unit.kv_capacity_tokens(decode.memory_reserve), s.seed,
                                nothing)({1, 1, 1})
               .value();
  });
  CHECK(sum > 0.0, "steps took no time");
  return result;
}

}  // namespace tideline::bench
