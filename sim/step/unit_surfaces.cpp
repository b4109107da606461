#include "sim/step/unit_surfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/step/correction.h"
#include "sim/step/unit_content.h"

namespace tideline::step {
namespace {

// Where surfaces end; beyond, they extend their last cell.
constexpr double kRequestsMax = 512.0;
// Steps of the same load whose spread is taken, of so many layers, and what they work on: a usual cache, a
// usual prompt.
constexpr std::uint64_t kLuckSteps = 8;
constexpr int kLuckLayers = 20;
constexpr double kUsualKv = 4096.0, kUsualPairs = 2048.0;

template <class Correction>
struct Modelled {
  Modelled(const Unit& unit, std::uint64_t seed)
      : kernels(kernels::KernelModel::load(unit.node.gpu)),
        model(unit, kernels),
        simulation(unit, kernels),
        traffic(unit, seed),
        corrected(simulation, model, traffic) {}

  // Of ln(time of a step) from one to the next, each layer with its own luck: that of the layers simulated,
  // scaled to all of them.
  double spread(const RankLoad& load, Seconds step) {
    if (simulation.unit().experts.kind == moe::LoadKind::kFactor) return 0.0;
    double sum = 0.0, squares = 0.0;
    for (std::uint64_t n = 0; n < kLuckSteps; ++n) {
      traffic.begin_step(n);
      const double s = simulation.run({&load, 1}, traffic, {.moe_layers_max = kLuckLayers}).total.value();
      sum += s, squares += s * s;
    }
    traffic.begin_step(0);
    const auto steps = static_cast<double>(kLuckSteps);
    const double variance = std::max(0.0, (squares - sum * sum / steps) / (steps - 1.0));
    const double scale = static_cast<double>(simulation.unit().llm.moe_layers()) / kLuckLayers;
    return std::sqrt(variance * scale) / step.value();
  }

  kernels::KernelModel kernels;
  StepModel model;
  StepSimulation simulation;
  TrafficSource traffic;
  Correction corrected;
};

// Of kernels alone, experts in balance: what a prompt weighs does not depend on how others fare.
PrefillWeights kernel_weights(Unit unit) {
  unit.experts = {};
  const StepModel model(unit, kernels::KernelModel::load(unit.node.gpu));
  return weigh([&](const PrefillLoad& load) { return model.prefill_kernels(load); });
}

}  // namespace

DecodeSurface decode_surface(const Unit& unit, double kv_max, std::uint64_t seed, const SurfaceStore& store) {
  const std::string content = fmt::format("decode surface, kv {}, requests {}, seed {}\n{}", kv_max,
                                          kRequestsMax, seed, content_of(unit));
  const auto make = [&] {
    Modelled<DecodeCorrection> m(unit, seed);
    const auto spread = [&](double busiest) {
      const double requests = std::max(1.0, busiest), kv = requests * kUsualKv;
      return m.spread({.requests = requests, .kv_tokens = kv}, m.corrected({requests, requests, kv}));
    };
    return DecodeSurface(std::cref(m.corrected), kRequestsMax, kv_max, spread).values();
  };
  return {store.get(content, make), kRequestsMax, kv_max};
}

PrefillSurface prefill_surface(const Unit& unit, double tokens_max, double context_max, std::uint64_t seed,
                               const SurfaceStore& store) {
  const std::string content = fmt::format("prefill surface, tokens {}, context {}, seed {}\n{}", tokens_max,
                                          context_max, seed, content_of(unit));
  const auto make = [&] {
    Modelled<PrefillCorrection> m(unit, seed);
    const auto spread = [&](double busiest) {
      const double tokens = std::max(64.0, busiest), pairs = tokens * kUsualPairs;
      return m.spread({.tokens = tokens, .pairs = pairs, .context = tokens},
                      m.corrected({tokens, tokens, pairs, tokens}));
    };
    return PrefillSurface(std::cref(m.corrected), kernel_weights(unit), tokens_max, context_max, spread)
        .values();
  };
  return {store.get(content, make), tokens_max, context_max};
}

}  // namespace tideline::step
