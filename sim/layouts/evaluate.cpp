#include "sim/layouts/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "sim/step/simulation.h"
#include "sim/step/step_model.h"

namespace tideline::layouts {
namespace {

using step::RankLoad;

// MoE layers that stand for all: popularity is drawn anew in each.
constexpr int kLayers = 12;
// Requests a GPU: close to one another where most layouts end, by doubling beyond.
constexpr std::array kBatches = {1.0,  2.0,  4.0,   8.0,   16.0,  24.0,  32.0, 48.0,
                                 64.0, 96.0, 128.0, 192.0, 256.0, 384.0, 512.0};
double batch_of(std::size_t n) {
  const std::size_t last = kBatches.size() - 1;
  return n <= last ? kBatches[n] : std::ldexp(kBatches[last], static_cast<int>(n - last));
}
// The curve ends where users get this share of the speed that is wanted: no one asks beyond.
constexpr double kSlowest = 0.25;
constexpr double kSecondsPerHour = 3600.0;

struct Timed {
  double seconds = 0;
  Parts parts;
};

// Whole steps: the composition, its MoE layers as long as a few of them take in the simulation.
class Stepper {
 public:
  Stepper(const step::Unit& unit, std::uint64_t seed)
      : kernels_(kernels::KernelModel::load(unit.node.gpu)),
        model_(unit, kernels_),
        simulation_(unit, kernels_),
        traffic_(unit, seed) {}

  Timed decode(double requests, double kv) {
    const RankLoad load{.requests = requests, .kv_tokens = requests * kv};
    return timed(model_.decode({requests, requests, load.kv_tokens}), load);
  }
  Timed prefill(double tokens, double pairs, double context) {
    const RankLoad load{.tokens = tokens, .pairs = pairs, .context = context};
    return timed(model_.prefill({tokens, tokens, pairs, context}), load);
  }

 private:
  Timed timed(const step::StepBreakdown& composed, const RankLoad& load) {
    const step::SimulatedStep s = simulation_.run({&load, 1}, traffic_, {.moe_layers_max = kLayers});
    const double stretch = composed.moe_layer.value() > 0.0 ? s.moe_layer / composed.moe_layer : 1.0;
    Timed t{composed.total().value() + composed.moe_layers.value() * (stretch - 1.0), {}};
    const step::LayerParts& p = s.parts;
    const double whole = std::max(p.total_s(), 1e-12);
    t.parts.attention = p.kernels_s[static_cast<std::size_t>(step::Kind::kAttention)] / whole;
    t.parts.experts = p.kernels_s[static_cast<std::size_t>(step::Kind::kExperts)] / whole;
    t.parts.exchange = (p.dispatch_exposed_s + p.combine_exposed_s) / whole;
    t.parts.other = 1.0 - t.parts.attention - t.parts.experts - t.parts.exchange;
    return t;
  }

  kernels::KernelModel kernels_;
  step::StepModel model_;
  step::StepSimulation simulation_;
  step::TrafficSource traffic_;
};

double usd_per_mtok(double gpu_hour_usd, double tok_s_gpu) {
  if (tok_s_gpu <= 0.0) return std::numeric_limits<double>::infinity();
  return gpu_hour_usd / (tok_s_gpu * kSecondsPerHour) * 1e6;
}

}  // namespace

DecodeValue evaluate_decode(const Candidate& layout, const scenario::Scenario& s,
                            const scenario::MeanRequest& mean) {
  DecodeValue v;
  v.fits = std::floor(layout.unit.kv_capacity_tokens(s.fleet.decode.memory_reserve) / std::max(mean.kv, 1.0));
  const double tokens = 1.0 + static_cast<double>(layout.draft_tokens) * mean.acceptance;
  Stepper stepper(layout.unit, s.seed);
  const auto batch = [&](double requests, Parts& parts) {
    const Timed t = stepper.decode(requests, mean.kv);
    parts = t.parts;
    return Batch{requests, t.seconds, tokens / t.seconds, requests * tokens / t.seconds};
  };
  const double wanted = s.layouts->output_speed;
  Parts unused;
  for (std::size_t n = 0; batch_of(n) <= v.fits; ++n) {
    // What the first batch spends its time on is the reason of a layout that no batch keeps the speed on.
    v.curve.push_back(batch(batch_of(n), v.curve.empty() ? v.parts : unused));
    if (v.curve.back().speed < kSlowest * wanted) break;
  }
  if (v.curve.empty() || v.curve.front().speed < wanted) return v;
  // The most whole requests that keep the speed and fit: by halves between two of the curve.
  double keeps = v.curve.front().requests, breaks = v.fits + 1.0;
  for (const Batch& b : v.curve)
    if (b.speed >= wanted)
      keeps = std::max(keeps, b.requests);
    else
      breaks = std::min(breaks, b.requests);
  const bool seen = breaks <= v.fits;
  v.binds = seen ? DecodeValue::Binds::kSpeed : DecodeValue::Binds::kMemory;
  v.at = batch(seen ? keeps : v.fits, v.parts);
  if (!seen && v.at.speed < wanted) v.binds = DecodeValue::Binds::kSpeed, breaks = v.at.requests;
  if (v.binds == DecodeValue::Binds::kSpeed) {
    while (breaks - keeps > std::max(1.0, 0.01 * keeps)) {
      const double middle = std::floor(0.5 * (keeps + breaks));
      (batch(middle, unused).speed >= wanted ? keeps : breaks) = middle;
    }
    v.at = batch(keeps, v.parts);
  }
  v.usd_per_mtok = usd_per_mtok(layout.gpu_hour_usd, v.at.per_gpu);
  return v;
}

PrefillValue evaluate_prefill(const Candidate& layout, const scenario::Scenario& s,
                              const scenario::MeanRequest& mean) {
  const auto tokens = static_cast<double>(layout.tokens_per_gpu);
  const double prompts = tokens / std::max(mean.computed, 1.0);
  const Timed t = Stepper(layout.unit, s.seed).prefill(tokens, prompts * mean.pairs, prompts * mean.input);
  PrefillValue v;
  v.pass_s = t.seconds;
  v.ttft_s = 1.5 * t.seconds;
  v.per_gpu = tokens / t.seconds;
  v.keeps_ttft = v.ttft_s <= s.layouts->ttft_s;
  v.usd_per_mtok = usd_per_mtok(layout.gpu_hour_usd, v.per_gpu);
  v.parts = t.parts;
  return v;
}

}  // namespace tideline::layouts
