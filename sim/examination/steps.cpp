#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/examination/examination.h"
#include "sim/step/step_model.h"

namespace tideline::examination {
namespace {

using step::at;
using step::Kind;
using step::Stage;

constexpr double kPart = 0.10;    // goal of a part of a layer
constexpr double kWhole = 0.03;   // of a layer or a step
constexpr double kBatches = 2.0;  // profiles are published for both micro-batches

step::Unit unit(step::Phase phase, std::int64_t nodes) {
  step::Unit u;
  u.phase = phase;
  u.llm = catalog::load_llm("deepseek-v3");
  u.node = catalog::load_node("h800-8");
  u.nodes = nodes;
  u.overlap = step::Overlap::kTwoBatch;
  return u;
}

step::StepModel model(const step::Unit& u) {
  return {u, kernels::KernelModel::load(u.node.gpu), network::AllToAll::load(u.node)};
}

double ms(Seconds s) {
  return s.value() * 1e3;
}

// Kernel time of one kind in a layer, both micro-batches, gaps between kernels left out.
double part_ms(const step::StepBreakdown& s, Kind kind) {
  Seconds sum;
  for (const step::Operation& o : s.layer)
    if (o.kind == kind) sum += o.cost.time;
  return kBatches * ms(sum);
}

// What of an all-to-all the compute stream waits for, both micro-batches: the part that what runs beside it
// does not hide.
double exposed_ms(Seconds exchange, Seconds beside) {
  return kBatches * std::max(0.0, ms(exchange) - ms(beside));
}

Case part(std::string_view group, std::string_view name, double published, double predicted) {
  return {group, name, Unit::kMilliseconds, published, published, predicted, kPart};
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
  step::Unit u = unit(step::Phase::kDecode, 16);
  u.draft_tokens = 1;
  const step::StepBreakdown s =
      model(u).decode({.requests_mean = 128, .requests_busiest = 128, .kv_busiest = 128.0 * 4096});
  const Seconds beside_dispatch = at(s.stages, Stage::kShared) + at(s.stages, Stage::kAttention0);
  return {
      {kGroup, "layer", Unit::kMilliseconds, 1.422, 1.422, ms(s.moe_layer), kWhole},
      {kGroup, "step", Unit::kMilliseconds, 88.1, 88.1, ms(s.total()), kWhole},
      part(kGroup, "attention core", 0.502, part_ms(s, Kind::kAttention)),
      part(kGroup, "MoE grouped GEMM", 0.242, part_ms(s, Kind::kExperts)),
      part(kGroup, "GEMM", 0.290, part_ms(s, Kind::kGemm)),
      part(kGroup, "other kernels", 0.083, part_ms(s, Kind::kOther)),
      part(kGroup, "exposed dispatch", 0.172, exposed_ms(at(s.stages, Stage::kDispatch), beside_dispatch)),
      part(kGroup, "exposed combine", 0.073,
           exposed_ms(at(s.stages, Stage::kCombine), at(s.stages, Stage::kAttention1))),
  };
}

std::vector<Case> examine_prefill() {
  constexpr std::string_view kGroup = "prefill, EP32, 16384 tokens a GPU, prompts of 4096";
  constexpr double kPrompt = 4096, kTokens = 16384;
  step::Unit u = unit(step::Phase::kPrefill, 4);
  u.communication_sms = 24;
  const step::StepBreakdown s = model(u).prefill({.tokens_mean = kTokens,
                                                  .tokens_busiest = kTokens,
                                                  .pairs_busiest = kTokens / kPrompt * kPrompt * kPrompt / 2,
                                                  .context_busiest = kTokens});
  return {
      {kGroup, "layer", Unit::kMilliseconds, 34.26, 34.63, ms(s.moe_layer), kWhole},
      part(kGroup, "attention core", 5.642, part_ms(s, Kind::kAttention)),
      part(kGroup, "MoE grouped GEMM", 12.387, part_ms(s, Kind::kExperts)),
      part(kGroup, "GEMM", 8.431, part_ms(s, Kind::kGemm)),
      part(kGroup, "other kernels", 5.123, part_ms(s, Kind::kOther)),
      part(kGroup, "dispatch with barrier", 9.468 + 2.075, kBatches * ms(at(s.stages, Stage::kDispatch))),
      part(kGroup, "combine with barrier", 17.250 + 2.010, kBatches * ms(at(s.stages, Stage::kCombine))),
  };
}

}  // namespace tideline::examination
