// RMS norms: alone, with the residual, and with the residual and quantisation. One block a row.
// Never run on a GPU.
#pragma once

#include "calib/profile/block_scales.h"
#include "calib/profile/kernels/lanes.cuh"

namespace tideline::profile::kernels {

// Launch: one block a row, kWidth / 8 threads.
template <int kWidth>
__global__ void __launch_bounds__(kWidth / kVector)
    norm(const Bf16x8* x, const Bf16x8* weight, Bf16x8* y, float epsilon) {
  constexpr int kThreads = kWidth / kVector;
  const long at = static_cast<long>(blockIdx.x) * kThreads + threadIdx.x;
  const Bf16x8 in = x[at], w = weight[threadIdx.x];
  float squares = 0;
  for (int i = 0; i < kVector; ++i) squares += __bfloat162float(in.x[i]) * __bfloat162float(in.x[i]);
  const float scale = rsqrtf(block_sum<kThreads>(squares) / kWidth + epsilon);
  Bf16x8 out;
  for (int i = 0; i < kVector; ++i)
    out.x[i] = __float2bfloat16(__bfloat162float(in.x[i]) * scale * __bfloat162float(w.x[i]));
  y[at] = out;
}

// sum = x + residual; y = norm(sum); with kQuantise also q, scales: y quantised by 1x128, scales as cuBLASLt
// reads them. Launch: one block a row, kWidth / 8 threads.
template <int kWidth, bool kQuantise>
__global__ void __launch_bounds__(kWidth / kVector)
    add_norm(const Bf16x8* x, const Bf16x8* residual, const Bf16x8* weight, Bf16x8* sum, Bf16x8* y, Fp8x8* q,
             float* scales, float epsilon) {
  constexpr int kThreads = kWidth / kVector;
  const long at = static_cast<long>(blockIdx.x) * kThreads + threadIdx.x;
  const Bf16x8 a = x[at], b = residual[at], w = weight[threadIdx.x];
  float v[kVector], squares = 0;
  Bf16x8 both;
  for (int i = 0; i < kVector; ++i) {
    v[i] = __bfloat162float(a.x[i]) + __bfloat162float(b.x[i]);
    both.x[i] = __float2bfloat16(v[i]);
    squares += v[i] * v[i];
  }
  sum[at] = both;
  const float scale = rsqrtf(block_sum<kThreads>(squares) / kWidth + epsilon);
  Bf16x8 out;
  for (int i = 0; i < kVector; ++i) {
    v[i] *= scale * __bfloat162float(w.x[i]);
    out.x[i] = __float2bfloat16(v[i]);
  }
  y[at] = out;
  if constexpr (kQuantise) {
    Fp8x8 small;
    const float block_scale = quantise_128(v, small);
    q[at] = small;
    const RowScales layout = row_scales(gridDim.x, kWidth);
    if (threadIdx.x % 16 == 0)
      scales[layout.at(blockIdx.x, static_cast<long>(threadIdx.x) * kVector)] = block_scale;
  }
}

}  // namespace tideline::profile::kernels
