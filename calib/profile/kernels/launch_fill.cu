#include "calib/profile/kernels/fill.cuh"
#include "calib/profile/kernels/launch.h"
#include "calib/profile/kernels/start.cuh"

namespace tideline::profile::kernels {
namespace {

constexpr int kFillBlocks = 1024, kFillThreads = 256;

template <class T, class Bits>
void fill_as(Bits* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream) {
  start(fill<T>, kFillBlocks, kFillThreads, stream, reinterpret_cast<T*>(out),
        static_cast<unsigned long>(count), seed, low, high);
}

}  // namespace

void launch_fill(Bf16* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream) {
  fill_as<__nv_bfloat16>(out, count, seed, low, high, stream);
}

void launch_fill(Fp8* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream) {
  fill_as<__nv_fp8_e4m3>(out, count, seed, low, high, stream);
}

void launch_fill(float* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream) {
  fill_as<float>(out, count, seed, low, high, stream);
}

void launch_fill_below(int* out, std::int64_t count, unsigned seed, unsigned limit, cudaStream_t stream) {
  start(fill_below, kFillBlocks, kFillThreads, stream, out, static_cast<unsigned long>(count), seed, limit);
}

}  // namespace tideline::profile::kernels
