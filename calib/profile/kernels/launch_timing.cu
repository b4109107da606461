#include "calib/profile/kernels/fill.cuh"
#include "calib/profile/kernels/launch.h"
#include "calib/profile/kernels/timing.cuh"

namespace tideline::profile::kernels {
namespace {

constexpr int kFillBlocks = 1024, kFillThreads = 256;

template <class T, class Bits>
void fill_as(Bits* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream) {
  fill<T><<<kFillBlocks, kFillThreads, 0, stream>>>(reinterpret_cast<T*>(out),
                                                    static_cast<unsigned long>(count), seed, low, high);
}

}  // namespace

void launch_nothing(cudaStream_t stream) {
  nothing<<<1, 32, 0, stream>>>();
}

void launch_block_stream(int* flag, std::int64_t patience_ns, cudaStream_t stream) {
  block_stream<<<1, 1, 0, stream>>>(flag, patience_ns);
}

void launch_stamp(unsigned long long* out, int sms, cudaStream_t stream) {
  stamp<<<static_cast<unsigned>(sms), 1024, 0, stream>>>(out);  // so wide that every SM gets a block
}

void launch_read_all(const void* x, std::int64_t bytes, unsigned* sink, cudaStream_t stream) {
  read_all<<<1024, 512, 0, stream>>>(static_cast<const uint4*>(x), bytes / 16, sink);
}

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
  fill_below<<<kFillBlocks, kFillThreads, 0, stream>>>(out, static_cast<unsigned long>(count), seed, limit);
}

}  // namespace tideline::profile::kernels
