// Reductions over the lanes of a warp and the warps of a block, and eight BF16 values as one 16-byte access.
// Never run on a GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>

namespace tideline::profile::kernels {

inline constexpr unsigned kAllLanes = 0xffffffffu;
inline constexpr int kVector = 8;  // BF16 values in 16 bytes

struct alignas(16) Bf16x8 {
  __nv_bfloat16 x[kVector];
};
struct alignas(8) Fp8x8 {
  __nv_fp8_e4m3 x[kVector];
};

// Every lane of each group of `width` lanes gets the group's sum or largest value.
__device__ inline float lane_sum(float v, int width = 32) {
  for (int step = width / 2; step > 0; step /= 2) v += __shfl_xor_sync(kAllLanes, v, step);
  return v;
}
__device__ inline float lane_max(float v, int width = 32) {
  for (int step = width / 2; step > 0; step /= 2) v = fmaxf(v, __shfl_xor_sync(kAllLanes, v, step));
  return v;
}

// Every thread of a block of kThreads gets the block's sum.
template <int kThreads>
__device__ inline float block_sum(float v) {
  static_assert(kThreads % 32 == 0 && kThreads <= 1024);
  __shared__ float of_warp[32];
  v = lane_sum(v);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = v;
  __syncthreads();
  const int lane = static_cast<int>(threadIdx.x % 32);
  v = lane_sum(lane < kThreads / 32 ? of_warp[lane] : 0.f);
  __syncthreads();  // before the next call writes of_warp
  return v;
}

// Quantises the 128 values that 16 neighbouring lanes hold, eight each, and returns their common scale.
__device__ inline float quantise_128(const float (&v)[kVector], Fp8x8& out) {
  float top = 0;
  for (int i = 0; i < kVector; ++i) top = fmaxf(top, fabsf(v[i]));
  top = lane_max(top, 16);
  const float scale = fmaxf(top, 1e-4f) / 448.f, inverse = 1.f / scale;
  for (int i = 0; i < kVector; ++i) out.x[i] = __nv_fp8_e4m3(v[i] * inverse);
  return scale;
}

}  // namespace tideline::profile::kernels
