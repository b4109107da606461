// How unevenly a token's experts load the GPUs of an expert-parallel group. The busiest GPU sets the pace of
// the grouped products and of the GPU-to-GPU traffic, so what matters is busiest / mean.
#pragma once

#include <cstdint>

#include "sim/config/node.h"

namespace tideline::moe {

struct ExpertLoad {
  // Rows of the busiest GPU over the mean of all; 1 is perfect balance.
  double busiest_over_mean = 1.0;
};

enum class Balancer { kNone, kEplb };

// Mean / max tokens per GPU ("balancedness") for a group of `gpus` under DeepSeek-V3's measured expert
// popularity. Source: LMSYS, "Deploying DeepSeek with PD disaggregation and large-scale expert parallelism",
// 2025-05-05, figure on EPLB balancedness (digitised): with EPLB 0.944, 0.902, 0.800, 0.809 at 8, 16, 32, 72
// GPUs; without 0.672, 0.612, 0.549, 0.476 at 8, 16, 32, 64. Between and beyond the points: least squares on
// log2(gpus). Error: 0.045 on the points; assumed +-0.05 at 144.
double balancedness(Balancer balancer, std::int64_t gpus);

// A scenario's "expert_load": {"kind": "balanced"} | {"kind": "published", "balancer": "eplb" | "none"}
// | {"kind": "given", "balancedness": 0.8}.
ExpertLoad read_expert_load(const config::Node& node, std::int64_t gpus);

}  // namespace tideline::moe
