// The program's own launches on the CPU. Operands are filled where they are small enough to be worth it; the
// first launch after that is computed, thread by thread, and the others are only counted.
#include "tests/unit/calib/profile/cuda_on_cpu.h"
// The kernels come after it.
#include "calib/profile/kernels/fill.cuh"
#include "calib/profile/kernels/launch.h"
#include "tests/unit/calib/profile/rehearsal/fake_runtime.h"

namespace tideline::profile::kernels {
namespace {

bool fresh = false;

template <class T, class Bits>
void fill_now(Bits* out, std::int64_t count, unsigned seed, float low, float high) {
  static_assert(sizeof(T) == sizeof(Bits));
  rehearsal::require_inside(out, count * static_cast<std::int64_t>(sizeof(T)), "what is filled");
  rehearsal::queue("fill");
  fresh = true;
  if (!rehearsal::computes_now()) return;
  for (std::int64_t i = 0; i < count; ++i)
    reinterpret_cast<T*>(out)[i] = T(uniform(static_cast<unsigned long>(i), seed, low, high));
}

}  // namespace

void launch_fill(Bf16* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t) {
  fill_now<__nv_bfloat16>(out, count, seed, low, high);
}
void launch_fill(Fp8* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t) {
  fill_now<__nv_fp8_e4m3>(out, count, seed, low, high);
}
void launch_fill(float* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t) {
  fill_now<float>(out, count, seed, low, high);
}
void launch_fill_below(int* out, std::int64_t count, unsigned seed, unsigned limit, cudaStream_t) {
  rehearsal::require_inside(out, count * 4, "what is filled");
  rehearsal::queue("fill_below");
  fresh = true;
  if (!rehearsal::computes_now()) return;
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = static_cast<int>(scramble(static_cast<unsigned long>(i), seed) % limit);
}

// Instead of kernels/start.cuh.
template <class... Parameters, class... Arguments>
void rehearse(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, cudaStream_t,
              Arguments... arguments) {
  if (blocks == 0 || threads == 0 || threads > 1024) throw rehearsal::Broken("a grid that no device has");
  rehearsal::queue("own kernel");
  if (!fresh || !rehearsal::computes_now()) return;
  fresh = false;
  cuda_on_cpu::launch(blocks, threads, [&] { kernel(arguments...); });
}

}  // namespace tideline::profile::kernels

#define start rehearse
#include "calib/profile/kernels/launch_layer.cu"
