// Never run on a GPU.
#include "calib/profile/kernels/launch.h"
#include "calib/profile/kernels/norm.cuh"
#include "calib/profile/kernels/quantise.cuh"
#include "calib/profile/kernels/rope.cuh"
#include "calib/profile/kernels/rows.cuh"
#include "calib/profile/kernels/start.cuh"
#include "calib/profile/kernels/top_k.cuh"

namespace tideline::profile::kernels {
namespace {

const Bf16x8* vectors(const Bf16* p) {
  return reinterpret_cast<const Bf16x8*>(p);
}
Bf16x8* vectors(Bf16* p) {
  return reinterpret_cast<Bf16x8*>(p);
}
Fp8x8* vectors(Fp8* p) {
  return reinterpret_cast<Fp8x8*>(p);
}
unsigned blocks(std::int64_t rows) {
  return static_cast<unsigned>(rows);
}

constexpr int kHidden = 7168;

}  // namespace

void launch_norm(const Bf16* x, const Bf16* weight, Bf16* y, std::int64_t rows, std::int64_t width,
                 cudaStream_t stream) {
  if (width == 512)
    start(norm<512>, blocks(rows), 512 / kVector, stream, vectors(x), vectors(weight), vectors(y), kEpsilon);
  else
    start(norm<1536>, blocks(rows), 1536 / kVector, stream, vectors(x), vectors(weight), vectors(y),
          kEpsilon);
}

void launch_add_norm(const Bf16* x, const Bf16* residual, const Bf16* weight, Bf16* sum, Bf16* y,
                     std::int64_t rows, cudaStream_t stream) {
  start(add_norm<kHidden, false>, blocks(rows), kHidden / kVector, stream, vectors(x), vectors(residual),
        vectors(weight), vectors(sum), vectors(y), nullptr, nullptr, kEpsilon);
}

void launch_add_norm_quant(const Bf16* x, const Bf16* residual, const Bf16* weight, Bf16* sum, Bf16* y,
                           Fp8* q, float* scales, std::int64_t rows, cudaStream_t stream) {
  start(add_norm<kHidden, true>, blocks(rows), kHidden / kVector, stream, vectors(x), vectors(residual),
        vectors(weight), vectors(sum), vectors(y), vectors(q), scales, kEpsilon);
}

void launch_quantise(const Bf16* x, Fp8* q, float* scales, std::int64_t rows, std::int64_t width,
                     cudaStream_t stream) {
  start(quantise, quantise_grid(rows, width), kQuantiseThreads, stream, vectors(x), vectors(q), scales, rows,
        width);
}

void launch_swiglu_quantise(const Bf16* x, Fp8* q, float* scales, std::int64_t rows, std::int64_t width,
                            cudaStream_t stream) {
  start(swiglu_quantise, quantise_grid(rows, width), kQuantiseThreads, stream, vectors(x), vectors(q), scales,
        rows, width);
}

void launch_rope_cache(Bf16* q, const Bf16* latent, Bf16* cache, const int* slot, const int* position,
                       const float* angles, std::int64_t tokens, int heads, cudaStream_t stream) {
  start(rope_cache, blocks(tokens), kRopeThreads, stream, reinterpret_cast<__nv_bfloat16*>(q),
        reinterpret_cast<const __nv_bfloat16*>(latent), reinterpret_cast<__nv_bfloat16*>(cache), slot,
        position, reinterpret_cast<const float2*>(angles), heads);
}

void launch_assemble_keys(const Bf16* up, const Bf16* shared, Bf16* keys, std::int64_t tokens, int heads,
                          cudaStream_t stream) {
  start(assemble_keys, blocks(tokens), kRopeThreads, stream, vectors(up), vectors(shared), vectors(keys),
        heads);
}

void launch_top_k(const float* logits, const float* bias, int* experts, float* weights, std::int64_t tokens,
                  cudaStream_t stream) {
  start(top_k, top_k_grid(tokens), kTopKThreads, stream, logits, bias, experts, weights, tokens);
}

void launch_permute(const Fp8* x, const float* x_scales, Fp8* y, float* y_scales, const int* source,
                    std::int64_t rows_in, std::int64_t rows_out, std::int64_t width, cudaStream_t stream) {
  start(permute, blocks(rows_out), kRowThreads, stream, reinterpret_cast<const uint4*>(x), x_scales,
        reinterpret_cast<uint4*>(y), y_scales, source, static_cast<int>(width / 16),
        static_cast<int>(blocks_of(width)), rows_in);
}

void launch_combine(const Bf16* x, Bf16* y, const int* row, const float* weight, std::int64_t tokens,
                    std::int64_t width, cudaStream_t stream) {
  start(combine<kChosen>, blocks(tokens), kRowThreads, stream, vectors(x), vectors(y), row, weight,
        static_cast<int>(width / kVector));
}

void launch_argmax(const Bf16* logits, int* place, std::int64_t rows, std::int64_t width,
                   cudaStream_t stream) {
  start(argmax, blocks(rows), kArgmaxThreads, stream, vectors(logits), place,
        static_cast<int>(width / kVector));
}

}  // namespace tideline::profile::kernels
