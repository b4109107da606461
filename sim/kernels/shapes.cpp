#include "sim/kernels/shapes.h"

#include <cmath>

namespace tideline::kernels {
namespace {

constexpr double kBf16Bytes = 2.0;
// One byte, and an FP32 scale for 128 of them.
constexpr double kFp8Bytes = 1.0 + 4.0 / 128.0;

double real(std::int64_t n) { return static_cast<double>(n); }

Work fp8_product(double m, double weights, double n, double k) {
  return {Flop(2.0 * m * n * k), Bytes(m * k * kFp8Bytes + weights * n * k + m * n * kBf16Bytes)};
}

}  // namespace

Work work_of(const DenseGemm& q) {
  Work w = fp8_product(q.m, 1.0, real(q.n), real(q.k));
  w.steps = real(q.k) / kStepColumns;
  w.m = q.m, w.n = real(q.n);
  return w;
}

Work work_of(const Bf16Gemm& q) {
  const double m = q.m, n = real(q.n), k = real(q.k);
  return {Flop(2.0 * m * n * k), Bytes((m * k + n * k + m * n) * kBf16Bytes), k / kStepColumns};
}

// An expert's weights are read if any row reaches it: rows fall on experts evenly at random.
Work work_of(const GroupedGemm& q) {
  const double groups = real(q.groups);
  const double active = groups * (1.0 - std::pow(1.0 - 1.0 / groups, q.rows));
  return fp8_product(q.rows, q.groups > 1 ? active : 1.0, real(q.n), real(q.k));
}

Work work_of(const BatchedGemm& q) {
  const double batch = real(q.batch), n = real(q.n), k = real(q.k);
  return {Flop(2.0 * batch * q.m * n * k), Bytes(batch * (q.m * k + n * k + q.m * n) * kBf16Bytes)};
}

Work work_of(const MlaDecode& q) {
  const double queries = q.requests * q.q_tokens * real(q.heads), widths = real(q.d_qk + q.d_v);
  return {Flop(2.0 * queries * widths * q.kv_tokens),
          Bytes((q.requests * q.kv_tokens * real(q.d_qk) + queries * widths) * kBf16Bytes)};
}

Work work_of(const PrefillAttention& q) {
  const double widths = real(q.d_qk + q.d_v);
  return {Flop(2.0 * q.pairs * real(q.heads) * widths),
          Bytes(q.tokens * real(q.heads + q.kv_heads) * widths * kBf16Bytes)};
}

Work work_of(const Streaming& q) { return {Flop(0.0), q.bytes}; }

Coordinates place_of(const DenseGemm& q) { return {q.n, q.k, 1.0, q.m}; }
Coordinates place_of(const Bf16Gemm& q) { return {q.n, q.k, 1.0, q.m}; }
Coordinates place_of(const GroupedGemm& q) { return {q.n, q.k, real(q.groups), q.rows / real(q.groups)}; }
Coordinates place_of(const BatchedGemm& q) { return {q.n * q.k, 1, real(q.batch), q.m}; }
Coordinates place_of(const MlaDecode& q) { return {q.heads, q.d_qk, q.requests * q.q_tokens, q.kv_tokens}; }
Coordinates place_of(const PrefillAttention& q) { return {q.heads, q.d_qk, 1.0, std::sqrt(2.0 * q.pairs)}; }
Coordinates place_of(const Streaming& q) { return {1, 1, 1.0, q.bytes.value()}; }

namespace {

// The inverses: the kernel that was measured at a place.
Work dense_at(const Coordinates& c) { return work_of(DenseGemm{c.x, c.a, c.b}); }
Work bf16_at(const Coordinates& c) { return work_of(Bf16Gemm{c.x, c.a, c.b}); }
// Measured with rows on every expert: benches draw from 0.7 to 1.3 of the expected rows for each.
Work grouped_at(const Coordinates& c) { return fp8_product(c.s * c.x, c.s, real(c.a), real(c.b)); }
// Measured with d_v = kv_lora, the 64 rotary columns of d_qk left out.
Work mla_decode_at(const Coordinates& c) { return work_of(MlaDecode{c.s, 1.0, c.x, c.a, c.b, c.b - 64}); }
Work prefill_at(const Coordinates& c) { return work_of(PrefillAttention::prompt(c.x, c.a, c.b)); }
Work streaming_at(const Coordinates& c) { return work_of(Streaming{Bytes(c.x)}); }
// n k = a; their sum, which the bytes need, is that of MLA's 128 by 512.
Work batched_at(const Coordinates& c) {
  return work_of(BatchedGemm{std::llround(c.s), c.x, c.a / 128, 128});
}

}  // namespace

const std::array<FamilyInfo, 8> kFamilies = {{
    {FamilyId::kDenseGemm, "dense_gemm_fp8", true, dense_at},
    {FamilyId::kBf16Gemm, "gemm_bf16", false, bf16_at},
    {FamilyId::kGroupedMasked, "grouped_gemm_fp8_masked", true, grouped_at},
    {FamilyId::kGroupedContiguous, "grouped_gemm_fp8_contiguous", true, grouped_at},
    {FamilyId::kBatchedGemm, "batched_gemm_bf16", false, batched_at},
    {FamilyId::kMlaDecode, "mla_decode_bf16", false, mla_decode_at},
    {FamilyId::kPrefillAttention, "prefill_attention_bf16", false, prefill_at},
    {FamilyId::kStreaming, "streaming", false, streaming_at},
}};

}  // namespace tideline::kernels
