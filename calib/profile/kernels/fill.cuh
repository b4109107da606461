// Random operands. Zeros or patterns would draw less power, run at a higher clock and look faster.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>

namespace tideline::profile::kernels {

// A hash of (place, seed) to 32 bits (Wellons' lowbias32 on a mix of both).
__host__ __device__ inline unsigned scramble(unsigned long place, unsigned seed) {
  unsigned h =
      static_cast<unsigned>(place) ^ static_cast<unsigned>(place >> 32) * 0x9e3779b9u ^ seed * 0x85ebca6bu;
  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return h ^ (h >> 16);
}

// Uniform in [low, high).
__host__ __device__ inline float uniform(unsigned long place, unsigned seed, float low, float high) {
  return low + (high - low) * static_cast<float>(scramble(place, seed) >> 8) * 0x1p-24f;
}

template <class T>
__global__ void fill(T* out, unsigned long count, unsigned seed, float low, float high) {
  const unsigned long step = static_cast<unsigned long>(gridDim.x) * blockDim.x;
  for (unsigned long i = static_cast<unsigned long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += step)
    out[i] = T(uniform(i, seed, low, high));
}

// Integers in [0, limit).
__global__ void fill_below(int* out, unsigned long count, unsigned seed, unsigned limit) {
  const unsigned long step = static_cast<unsigned long>(gridDim.x) * blockDim.x;
  for (unsigned long i = static_cast<unsigned long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += step)
    out[i] = static_cast<int>(scramble(i, seed) % limit);
}

}  // namespace tideline::profile::kernels
