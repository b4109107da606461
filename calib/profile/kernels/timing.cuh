// Kernels that serve the timing itself.
#pragma once

namespace tideline::profile::kernels {

__device__ inline unsigned long long nanoseconds() {
  unsigned long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

__global__ void nothing() {}

// Holds the stream until the host writes flag[0], so that what is queued behind runs without gaps. Gives up
// after `patience_ns` and says so in flag[1]: the samples behind it are then worthless.
__global__ void block_stream(volatile int* flag, long long patience_ns) {
  const unsigned long long begin = nanoseconds();
  while (flag[0] == 0)
    if (static_cast<long long>(nanoseconds() - begin) > patience_ns) {
      flag[1] = 1;
      return;
    }
}

// SM 0 notes the time and its cycle counter; two stamps give its clock. `out`: {nanoseconds, cycles}.
__global__ void stamp(unsigned long long* out) {
  unsigned sm;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  if (sm != 0 || threadIdx.x != 0) return;
  out[0] = nanoseconds();
  out[1] = static_cast<unsigned long long>(clock64());
}

// Reads everything once; `sink` is written only if the sum is what it never is, so that the reads stay.
__global__ void read_all(const uint4* x, long vectors, unsigned* sink) {
  unsigned sum = 0;
  const long step = static_cast<long>(gridDim.x) * blockDim.x;
  for (long i = static_cast<long>(blockIdx.x) * blockDim.x + threadIdx.x; i < vectors; i += step)
    sum |= x[i].x | x[i].y | x[i].z | x[i].w;
  if (sum == 0xdeadbeefu) *sink = sum;
}

}  // namespace tideline::profile::kernels
