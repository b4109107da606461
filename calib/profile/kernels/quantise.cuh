// Quantisation to FP8 by 1x128, alone and after SwiGLU. Sixteen lanes hold one block of 128.
// Never run on a GPU.
#pragma once

#include "calib/profile/block_scales.h"
#include "calib/profile/kernels/lanes.cuh"

namespace tideline::profile::kernels {

inline constexpr int kQuantiseThreads = 256;
inline constexpr int kLanesPerBlock = 16;

// Blocks of threads for `rows` x `width` values.
constexpr unsigned quantise_grid(long rows, long width) {
  const long threads = rows * (width / kScaleBlock) * kLanesPerBlock;
  return static_cast<unsigned>((threads + kQuantiseThreads - 1) / kQuantiseThreads);
}

// The block of 128 that this thread's sixteen lanes work on. Lanes past the end work on the last one again
// and must not write: every lane has to be there for the shuffles.
struct QuantiseTask {
  long row, k;  // k: of this lane's first value
  bool write;
  __device__ QuantiseTask(long rows, long width) {
    const long blocks = width / kScaleBlock;
    const long thread = static_cast<long>(blockIdx.x) * kQuantiseThreads + threadIdx.x;
    long block = thread / kLanesPerBlock;
    write = block < rows * blocks;
    if (!write) block = rows * blocks - 1;
    row = block / blocks;
    k = block % blocks * kScaleBlock + thread % kLanesPerBlock * kVector;
  }
};

__device__ inline void write_quantised(const QuantiseTask& task, const float (&v)[kVector], Fp8x8* q,
                                       float* scales, long rows, long width) {
  Fp8x8 small;
  const float scale = quantise_128(v, small);
  if (!task.write) return;
  q[(task.row * width + task.k) / kVector] = small;
  if (task.k % kScaleBlock == 0) scales[row_scales(rows, width).at(task.row, task.k)] = scale;
}

// Launch: quantise_grid(rows, width) blocks of kQuantiseThreads. width: a multiple of 128.
__global__ void quantise(const Bf16x8* x, Fp8x8* q, float* scales, long rows, long width) {
  const QuantiseTask task(rows, width);
  const Bf16x8 in = x[(task.row * width + task.k) / kVector];
  float v[kVector];
  for (int i = 0; i < kVector; ++i) v[i] = __bfloat162float(in.x[i]);
  write_quantised(task, v, q, scales, rows, width);
}

// x: rows of [gate, up], each `width` wide. Launch: as quantise.
__global__ void swiglu_quantise(const Bf16x8* x, Fp8x8* q, float* scales, long rows, long width) {
  const QuantiseTask task(rows, width);
  const long at = (task.row * 2 * width + task.k) / kVector;
  const Bf16x8 gate = x[at], up = x[at + width / kVector];
  float v[kVector];
  for (int i = 0; i < kVector; ++i) {
    const float g = __bfloat162float(gate.x[i]);
    v[i] = g / (1.f + __expf(-g)) * __bfloat162float(up.x[i]);
  }
  write_quantised(task, v, q, scales, rows, width);
}

}  // namespace tideline::profile::kernels
