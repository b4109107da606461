// How unevenly a token's experts load the GPUs of an expert-parallel group, as a scenario says it. The
// busiest GPU sets the pace of the grouped products and of the GPU-to-GPU traffic, so what matters is busiest
// / mean; what each GPU bears, layer by layer, is drawn by LoadModel (sim/moe/load_model.h).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/config/node.h"
#include "sim/moe/gate.h"
#include "sim/moe/popularity.h"

namespace tideline::moe {

enum class Balancer { kNone, kEplb };
enum class LoadKind {
  kFactor,  // one factor for all layers: balanced, published, given
  kSkew,    // popularity drawn by layer
  kCounts,  // popularity from a file
};

struct ExpertLoad {
  // Rows of the busiest GPU over the mean of all, expected, mean over layers; 1 is perfect balance.
  double busiest_over_mean = 1.0;
  LoadKind kind = LoadKind::kFactor;
  Balancer balancer = Balancer::kEplb;        // of skew and counts
  Skew skew{};                                // of counts: its drift
  std::vector<std::vector<double>> counts{};  // by layer, by expert
};

// The GPUs that hold a model's experts together.
struct ExpertGroup {
  GateShape gate;
  std::int64_t layers = 0;  // MoE layers
  std::int64_t gpus = 0, gpus_per_node = 8;
  std::int64_t slots = 0;  // of all GPUs: experts and replicas
};

// Mean / max tokens per GPU ("balancedness") for a group of `gpus` under DeepSeek-V3's measured expert
// popularity. Source: LMSYS, "Deploying DeepSeek with PD disaggregation and large-scale expert parallelism",
// 2025-05-05, figure on EPLB balancedness (digitised): with EPLB 0.944, 0.902, 0.800, 0.809 at 8, 16, 32, 72
// GPUs; without 0.672, 0.612, 0.549, 0.476 at 8, 16, 32, 64. Between and beyond the points: least squares on
// log2(gpus). Error: 0.045 on the points; assumed +-0.05 at 144.
double balancedness(Balancer balancer, std::int64_t gpus);

// A scenario's "expert_load": {"kind": "balanced"} | {"kind": "published", "balancer": "eplb" | "none"}
// | {"kind": "given", "balancedness": 0.8}
// | {"kind": "skew", "expert_sigma": 0.48, "group_sigma": 0.20, "drift": 0.11, "balancer": "eplb" | "none"}
// | {"kind": "counts", "file": "counts.json", "drift": 0.11, "balancer": "eplb" | "none"}: the plan is made
// on these counts, today's have drifted. Defaults as shown (kMeasuredSkew). The factor of skew and counts is
// LoadModel's, of one seed. Fails: records a problem when no plan can be made for the group.
ExpertLoad read_expert_load(const config::Node& node, const ExpertGroup& group);
// For a model of unknown shape: DeepSeek-V3's, on nodes of 8 GPUs, as many replicas as fill the last slots.
ExpertLoad read_expert_load(const config::Node& node, std::int64_t gpus);

}  // namespace tideline::moe
