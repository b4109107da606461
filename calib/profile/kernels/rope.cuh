// Rotary embedding of MLA's queries, in place, and of its shared key on the way into the cache; the latent
// goes there with it. And the assembly of every head's key for prefill.
// Never run on a GPU.
#pragma once

#include "calib/profile/kernels/lanes.cuh"

namespace tideline::profile::kernels {

inline constexpr int kNope = 128, kRope = 64, kLatent = 512;
inline constexpr int kQueryWidth = kNope + kRope, kCacheWidth = kLatent + kRope;
inline constexpr int kRopeThreads = 256;

// Pair i of a head: values 2 i and 2 i + 1.
__device__ inline void turn(const __nv_bfloat16* in, __nv_bfloat16* out, float2 angle) {
  const float x = __bfloat162float(in[0]), y = __bfloat162float(in[1]);
  out[0] = __float2bfloat16(x * angle.x - y * angle.y);
  out[1] = __float2bfloat16(x * angle.y + y * angle.x);
}

// q: [tokens, heads, 192]; latent: [tokens, 576]; cache: [slots, 576]; angles: [positions, 32] of (cos, sin).
// Launch: one block a token, kRopeThreads.
__global__ void rope_cache(__nv_bfloat16* q, const __nv_bfloat16* latent, __nv_bfloat16* cache,
                           const int* slot, const int* position, const float2* angles, int heads) {
  const long token = blockIdx.x;
  const float2* angle = angles + static_cast<long>(position[token]) * (kRope / 2);
  for (int i = static_cast<int>(threadIdx.x); i < heads * (kRope / 2); i += kRopeThreads) {
    const int head = i / (kRope / 2), pair = i % (kRope / 2);
    __nv_bfloat16* at = q + (token * heads + head) * kQueryWidth + kNope + 2 * pair;
    turn(at, at, angle[pair]);
  }
  const __nv_bfloat16* in = latent + token * kCacheWidth;
  __nv_bfloat16* out = cache + static_cast<long>(slot[token]) * kCacheWidth;
  if (threadIdx.x < kLatent / kVector)
    reinterpret_cast<Bf16x8*>(out)[threadIdx.x] = reinterpret_cast<const Bf16x8*>(in)[threadIdx.x];
  if (threadIdx.x < kRope / 2) {
    const int at = kLatent + 2 * static_cast<int>(threadIdx.x);
    turn(in + at, out + at, angle[threadIdx.x]);
  }
}

// up: [tokens, heads, 256] of (key without position, value); shared: [tokens, 64]; keys: [tokens, heads,
// 192]. Launch: one block a token, kRopeThreads.
__global__ void assemble_keys(const Bf16x8* up, const Bf16x8* shared, Bf16x8* keys, int heads) {
  constexpr int kIn = 2 * kNope / kVector, kOut = kQueryWidth / kVector, kFirst = kNope / kVector;
  const long token = blockIdx.x;
  for (int i = static_cast<int>(threadIdx.x); i < heads * kOut; i += kRopeThreads) {
    const int head = i / kOut, part = i % kOut;
    keys[token * heads * kOut + i] = part < kFirst ? up[(token * heads + head) * kIn + part]
                                                   : shared[token * (kRope / kVector) + part - kFirst];
  }
}

}  // namespace tideline::profile::kernels
