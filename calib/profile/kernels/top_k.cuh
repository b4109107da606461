// DeepSeek-V3's router after its product: 256 experts in 8 groups, 4 groups kept, 8 experts chosen.
// Never run on a GPU.
#pragma once

#include "calib/profile/kernels/lanes.cuh"

namespace tideline::profile::kernels {

inline constexpr int kGroups = 8, kGroupsKept = 4, kGroupWidth = 32, kChosen = 8;
inline constexpr int kTopKThreads = 128;
inline constexpr float kRouteScale = 2.5f, kNever = -1e30f;

constexpr unsigned top_k_grid(long tokens) {
  return static_cast<unsigned>((tokens + kTopKThreads / 32 - 1) / (kTopKThreads / 32));
}

// The lowest lane that holds `value`. Every lane gets it.
__device__ inline int lane_of(float mine, float value) {
  return __ffs(static_cast<int>(__ballot_sync(kAllLanes, mine == value))) - 1;
}

// One warp a token; lane l holds expert l of every group. Ties go to the lower lane, then the lower group.
// Launch: top_k_grid(tokens) blocks of kTopKThreads.
__global__ void top_k(const float* logits, const float* bias, int* experts, float* weights, long tokens) {
  const long token = (static_cast<long>(blockIdx.x) * kTopKThreads + threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (token >= tokens) return;  // the whole warp
  float score[kGroups], biased[kGroups], group_score = kNever;
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    score[g] = 1.f / (1.f + __expf(-logits[token * kGroups * kGroupWidth + g * kGroupWidth + lane]));
    biased[g] = score[g] + bias[g * kGroupWidth + lane];
    const float best = lane_max(biased[g]);
    const float second = lane_max(lane == lane_of(biased[g], best) ? kNever : biased[g]);
    if (lane == g) group_score = best + second;
  }
  unsigned kept = 0;
  for (int i = 0; i < kGroupsKept; ++i) {
    const int g = lane_of(group_score, lane_max(group_score));
    kept |= 1u << g;
    if (lane == g) group_score = kNever;
  }
  float total = 0, my_score = 0;
  int my_expert = 0;
  for (int i = 0; i < kChosen; ++i) {
    float best = kNever, best_score = 0;
    int best_group = 0;
#pragma unroll
    for (int g = 0; g < kGroups; ++g)
      if ((kept >> g & 1u) != 0 && biased[g] > best) {
        best = biased[g];
        best_score = score[g];
        best_group = g;
      }
    const int winner = lane_of(best, lane_max(best));
    const int group = __shfl_sync(kAllLanes, best_group, winner);
    const float chosen = __shfl_sync(kAllLanes, best_score, winner);
#pragma unroll
    for (int g = 0; g < kGroups; ++g)
      if (g == group && lane == winner) biased[g] = kNever;
    total += chosen;
    if (lane == i) {
      my_score = chosen;
      my_expert = group * kGroupWidth + winner;
    }
  }
  if (lane < kChosen) {
    experts[token * kChosen + lane] = my_expert;
    weights[token * kChosen + lane] = my_score / total * kRouteScale;
  }
}

}  // namespace tideline::profile::kernels
