// How the program starts its own kernels, callable from plain C++. Each call only queues; errors are asked
// for afterwards (cuda/check.h). Formats are plain bits: Bf16 two bytes, Fp8 (E4M3) one.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace tideline::profile {

using Bf16 = std::uint16_t;
using Fp8 = std::uint8_t;

namespace kernels {

// timing.cuh
void launch_nothing(cudaStream_t stream);
void launch_block_stream(int* flag, std::int64_t patience_ns, cudaStream_t stream);
void launch_stamp(unsigned long long* out, int sms, cudaStream_t stream);
void launch_read_all(const void* x, std::int64_t bytes, unsigned* sink, cudaStream_t stream);

// fill.cuh
void launch_fill(Bf16* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream);
void launch_fill(Fp8* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream);
void launch_fill(float* out, std::int64_t count, unsigned seed, float low, float high, cudaStream_t stream);
void launch_fill_below(int* out, std::int64_t count, unsigned seed, unsigned limit, cudaStream_t stream);

// norm.cuh. width: 512 or 1536; the others 7168.
inline constexpr float kEpsilon = 1e-6f;
void launch_norm(const Bf16* x, const Bf16* weight, Bf16* y, std::int64_t rows, std::int64_t width,
                 cudaStream_t stream);
void launch_add_norm(const Bf16* x, const Bf16* residual, const Bf16* weight, Bf16* sum, Bf16* y,
                     std::int64_t rows, cudaStream_t stream);
void launch_add_norm_quant(const Bf16* x, const Bf16* residual, const Bf16* weight, Bf16* sum, Bf16* y,
                           Fp8* q, float* scales, std::int64_t rows, cudaStream_t stream);

// quantise.cuh
void launch_quantise(const Bf16* x, Fp8* q, float* scales, std::int64_t rows, std::int64_t width,
                     cudaStream_t stream);
void launch_swiglu_quantise(const Bf16* x, Fp8* q, float* scales, std::int64_t rows, std::int64_t width,
                            cudaStream_t stream);

// rope.cuh. angles: [positions, 32] of (cosine, sine).
void launch_rope_cache(Bf16* q, const Bf16* latent, Bf16* cache, const int* slot, const int* position,
                       const float* angles, std::int64_t tokens, int heads, cudaStream_t stream);
void launch_assemble_keys(const Bf16* up, const Bf16* shared, Bf16* keys, std::int64_t tokens, int heads,
                          cudaStream_t stream);

// top_k.cuh
void launch_top_k(const float* logits, const float* bias, int* experts, float* weights, std::int64_t tokens,
                  cudaStream_t stream);

// rows.cuh. width in values, a multiple of 128; top 8.
void launch_permute(const Fp8* x, const float* x_scales, Fp8* y, float* y_scales, const int* source,
                    std::int64_t rows_in, std::int64_t rows_out, std::int64_t width, cudaStream_t stream);
void launch_combine(const Bf16* x, Bf16* y, const int* row, const float* weight, std::int64_t tokens,
                    std::int64_t width, cudaStream_t stream);
void launch_argmax(const Bf16* logits, int* place, std::int64_t rows, std::int64_t width,
                   cudaStream_t stream);

}  // namespace kernels
}  // namespace tideline::profile
