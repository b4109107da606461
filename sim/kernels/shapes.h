// The shapes in which kernels are asked for, what each has to do at least, and where it stands among the
// measured ones of its family. calib/fit and KernelModel share this file, so that a measurement and a
// question mean the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/kernels/backbone.h"
#include "sim/kernels/family.h"

namespace tideline::kernels {

// FP8 (1x128 by 128x128 scales) matrix product, BF16 out: [m,k] x [k,n].
struct DenseGemm {
  double m = 0;
  std::int64_t n = 0, k = 0;
};
// BF16 matrix product (router gate, head).
struct Bf16Gemm {
  double m = 0;
  std::int64_t n = 0, k = 0;
};
// One FP8 product per expert: `groups` experts on this GPU, `rows` rows in all of them together.
// masked: decode layout (padded per expert, CUDA graph); otherwise contiguous (prefill).
struct GroupedGemm {
  std::int64_t groups = 0;
  double rows = 0;
  std::int64_t n = 0, k = 0;
  bool masked = false;
};
// `batch` BF16 products [m,k] x [k,n] with a weight each (MLA absorption: batch = heads).
struct BatchedGemm {
  std::int64_t batch = 0;
  double m = 0;
  std::int64_t n = 0, k = 0;
};
// MLA decode core in latent space (d_qk = kv_lora + rope, d_v = kv_lora): `requests` with `q_tokens` queries
// each against `kv_tokens` on average.
struct MlaDecode {
  double requests = 0, q_tokens = 1, kv_tokens = 0;
  std::int64_t heads = 128, d_qk = 576, d_v = 512;
};
// Prefill core (not absorbed), causal. pairs = sum over sequences of query-key pairs that are attended
// (a full prompt of s tokens: s (s + 1) / 2); tokens = query tokens in all. Keys and values of a cached
// prefix are not counted among what is read: fewer than some 200 tokens after a long one would wait for them.
struct PrefillAttention {
  double pairs = 0, tokens = 0;
  std::int64_t heads = 128, kv_heads = 128, d_qk = 192, d_v = 128;
  // One prompt of MLA, none of it cached, as it is measured: d_v = d_qk less the 64 rotary columns.
  static PrefillAttention prompt(double tokens, std::int64_t heads = 128, std::int64_t d_qk = 192) {
    return {0.5 * tokens * tokens, tokens, heads, heads, d_qk, d_qk - 64};
  }
};
// Decode core of grouped-query attention: reads `cache`, keys and values of all its requests, once. Nobody's
// was measured.
struct GqaDecode {
  Bytes cache;
};
// A kernel that only streams memory (norm, quantisation, rope, activation, permutation, un-permutation).
struct Streaming {
  Bytes bytes;
};

Work work_of(const DenseGemm& q);
Work work_of(const Bf16Gemm& q);
Work work_of(const GroupedGemm& q);
Work work_of(const BatchedGemm& q);
Work work_of(const MlaDecode& q);
Work work_of(const PrefillAttention& q);
Work work_of(const Streaming& q);

Coordinates place_of(const DenseGemm& q);         // (n, k), m
Coordinates place_of(const Bf16Gemm& q);          // (n, k), m
Coordinates place_of(const GroupedGemm& q);       // (n, k), groups, rows per group
Coordinates place_of(const BatchedGemm& q);       // (n k), batch, m: n and k may change places
Coordinates place_of(const MlaDecode& q);         // (heads, d_qk), query tokens, cached tokens
Coordinates place_of(const PrefillAttention& q);  // (heads, d_qk), length of one prompt with as many pairs
Coordinates place_of(const Streaming& q);         // bytes

enum class FamilyId : std::uint8_t {
  kDenseGemm,
  kBf16Gemm,
  kGroupedMasked,
  kGroupedContiguous,
  kBatchedGemm,
  kMlaDecode,
  kPrefillAttention,
  kStreaming,
};

struct FamilyInfo {
  FamilyId id;
  std::string_view name;   // in calib/fitted
  bool fp8 = false;        // which peak bounds it
  Family::WorkOf work_of;  // by coordinates
};

extern const std::array<FamilyInfo, 8> kFamilies;

}  // namespace tideline::kernels
