// Kernels that move rows: to the experts, back as a weighted sum, and the choice of the likeliest word.
// Never run on a GPU.
#pragma once

#include "calib/profile/kernels/lanes.cuh"

namespace tideline::profile::kernels {

inline constexpr int kRowThreads = 256, kArgmaxThreads = 1024;

// y[r] = x[source[r]], the FP8 row and its scales. `vectors`: 16-byte parts of a row; `blocks`: scales of a
// row. x_scales: [blocks, rows_in], y_scales: [blocks, rows_out], as the grouped product reads them. Launch:
// one block an output row, kRowThreads.
__global__ void permute(const uint4* x, const float* x_scales, uint4* y, float* y_scales, const int* source,
                        int vectors, int blocks, long rows_in) {
  const long to = blockIdx.x, from = source[to];
  for (int i = static_cast<int>(threadIdx.x); i < vectors; i += kRowThreads)
    y[to * vectors + i] = x[from * vectors + i];
  for (int b = static_cast<int>(threadIdx.x); b < blocks; b += kRowThreads)
    y_scales[b * static_cast<long>(gridDim.x) + to] = x_scales[b * rows_in + from];
}

// y[t] = sum over k of weight[t, k] * x[row[t, k]]. `vectors`: 16-byte parts of a row.
// Launch: one block a token, kRowThreads.
template <int kTopK>
__global__ void combine(const Bf16x8* x, Bf16x8* y, const int* row, const float* weight, int vectors) {
  const long token = blockIdx.x;
  for (int i = static_cast<int>(threadIdx.x); i < vectors; i += kRowThreads) {
    float sum[kVector] = {};
    for (int k = 0; k < kTopK; ++k) {
      const Bf16x8 part = x[static_cast<long>(row[token * kTopK + k]) * vectors + i];
      for (int j = 0; j < kVector; ++j) sum[j] += weight[token * kTopK + k] * __bfloat162float(part.x[j]);
    }
    Bf16x8 out;
    for (int j = 0; j < kVector; ++j) out.x[j] = __float2bfloat16(sum[j]);
    y[token * vectors + i] = out;
  }
}

// The better of two candidates: larger value, then lower place.
struct Candidate {
  float value;
  int place;
  __device__ void take(float other, int at) {
    if (other > value || (other == value && at < place)) {
      value = other;
      place = at;
    }
  }
};

// The place of each row's largest value. `vectors`: 16-byte parts of a row.
// Launch: one block a row, kArgmaxThreads.
__global__ void __launch_bounds__(kArgmaxThreads) argmax(const Bf16x8* logits, int* place, int vectors) {
  Candidate best{-INFINITY, 0x7fffffff};
  for (int i = static_cast<int>(threadIdx.x); i < vectors; i += kArgmaxThreads) {
    const Bf16x8 in = logits[static_cast<long>(blockIdx.x) * vectors + i];
    for (int j = 0; j < kVector; ++j) best.take(__bfloat162float(in.x[j]), i * kVector + j);
  }
  __shared__ Candidate of_warp[32];
  for (int step = 16; step > 0; step /= 2)
    best.take(__shfl_xor_sync(kAllLanes, best.value, step), __shfl_xor_sync(kAllLanes, best.place, step));
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = best;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int w = 1; w < kArgmaxThreads / 32; ++w) best.take(of_warp[w].value, of_warp[w].place);
  place[blockIdx.x] = best.place;
}

}  // namespace tideline::profile::kernels
