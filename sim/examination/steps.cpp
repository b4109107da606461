#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/examination/examination.h"
#include "sim/step/simulation.h"

namespace tideline::examination {
namespace {

using step::Kind;

constexpr double kPart = 0.10;   // goal of a part of a layer
constexpr double kWhole = 0.03;  // of a layer or a step
// Goal of what an all-to-all leaves exposed, a difference of large numbers: 30 us, as a share of what was
// published.
constexpr double kExposedMs = 0.030;

step::Unit unit(step::Phase phase, std::int64_t nodes) {
  return step::usual_unit(phase, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), nodes);
}

step::SimulatedStep simulate(const step::Unit& u, const step::RankLoad& load) {
  step::TrafficSource traffic(u, 1);
  return step::StepSimulation(u, kernels::KernelModel::load(u.node.gpu)).run({&load, 1}, traffic);
}

constexpr double kDecodeRequests = 128, kDecodeKv = 4096;
constexpr step::RankLoad kDecodeLoad{.requests = kDecodeRequests, .kv_tokens = kDecodeRequests * kDecodeKv};
constexpr double kPrompt = 4096, kTokens = 16384;
constexpr step::RankLoad kPrefillLoad{
    .tokens = kTokens, .pairs = kTokens / kPrompt * kPrompt * kPrompt / 2, .context = kTokens};

step::Unit decode_unit() {
  step::Unit u = unit(step::Phase::kDecode, 16);
  u.draft_tokens = 1;
  return u;
}

step::Unit prefill_unit() {
  return unit(step::Phase::kPrefill, 4);
}

double ms(Seconds s) {
  return s.value() * 1e3;
}

// Kernel time of one kind in a layer, both micro-batches.
double part_ms(const step::SimulatedStep& s, Kind kind) {
  return s.parts.kernels_s[static_cast<std::size_t>(kind)] * 1e3;
}

Case part(std::string_view group, std::string_view name, double published, double predicted) {
  return {group, name, Unit::kMilliseconds, published, published, predicted, kPart};
}

Case exposed(std::string_view group, std::string_view name, double published, double predicted_s) {
  return {group, name, Unit::kMilliseconds, published, published, predicted_s * 1e3, kExposedMs / published};
}

}  // namespace

double Case::error() const {
  if (predicted >= published_low && predicted <= published_high) return 0.0;
  const double nearest = predicted < published_low ? published_low : published_high;
  return predicted / nearest - 1.0;
}

bool Case::holds() const {
  return std::abs(error()) <= goal;
}

std::vector<Case> examine_decode() {
  constexpr std::string_view kGroup = "decode, EP128, 128 requests x 2 tokens a GPU, KV 4096";
  const step::SimulatedStep s = simulate(decode_unit(), kDecodeLoad);
  return {
      {kGroup, "layer", Unit::kMilliseconds, 1.422, 1.422, ms(s.moe_layer), kWhole},
      {kGroup, "step", Unit::kMilliseconds, 88.1, 88.1, ms(s.total), kWhole},
      part(kGroup, "attention core", 0.502, part_ms(s, Kind::kAttention)),
      part(kGroup, "MoE grouped GEMM", 0.242, part_ms(s, Kind::kExperts)),
      part(kGroup, "GEMM", 0.290, part_ms(s, Kind::kGemm)),
      part(kGroup, "other kernels", 0.083, part_ms(s, Kind::kOther)),
      part(kGroup, "launch gaps", 0.046, s.parts.launch_s * 1e3),
      exposed(kGroup, "exposed dispatch", 0.172, s.parts.dispatch_exposed_s),
      exposed(kGroup, "exposed combine", 0.073, s.parts.combine_exposed_s),
  };
}

std::vector<Case> examine_prefill() {
  constexpr std::string_view kGroup = "prefill, EP32, 16384 tokens a GPU, prompts of 4096";
  const step::SimulatedStep s = simulate(prefill_unit(), kPrefillLoad);
  return {
      {kGroup, "layer", Unit::kMilliseconds, 34.26, 34.63, ms(s.moe_layer), kWhole},
      part(kGroup, "attention core", 5.642, part_ms(s, Kind::kAttention)),
      part(kGroup, "MoE grouped GEMM", 12.387, part_ms(s, Kind::kExperts)),
      part(kGroup, "GEMM", 8.431, part_ms(s, Kind::kGemm)),
      part(kGroup, "other kernels", 5.123, part_ms(s, Kind::kOther)),
      part(kGroup, "dispatch with barrier", 9.468 + 2.075, s.parts.dispatch_s * 1e3),
      part(kGroup, "combine with barrier", 17.250 + 2.010, s.parts.combine_s * 1e3),
  };
}

std::vector<Case> examine_drawn_tokens() {
  constexpr std::string_view kGroup = "the same, experts equally popular and every token's choice drawn";
  std::vector<Case> cases;
  const auto add = [&](std::string_view name, step::Unit u, step::ExchangeModel exchange,
                       const step::RankLoad& load, double low, double high) {
    u.exchange = exchange;
    u.experts = {.kind = moe::LoadKind::kSkew, .skew = {.expert_sigma = 0, .group_sigma = 0, .drift = 0}};
    cases.push_back({kGroup, name, Unit::kMilliseconds, low, high, ms(simulate(u, load).moe_layer), kWhole});
  };
  using enum step::ExchangeModel;
  add("decode layer, exchanges fitted", decode_unit(), kFitted, kDecodeLoad, 1.422, 1.422);
  add("decode layer, exchanges counted", decode_unit(), kCounted, kDecodeLoad, 1.422, 1.422);
  add("prefill layer, exchanges fitted", prefill_unit(), kFitted, kPrefillLoad, 34.26, 34.63);
  add("prefill layer, exchanges counted", prefill_unit(), kCounted, kPrefillLoad, 34.26, 34.63);
  return cases;
}

}  // namespace tideline::examination
