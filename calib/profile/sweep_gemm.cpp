// Matrix products and attention. Bytes: operands, scales and result once.
#include <array>

#include "calib/profile/block_scales.h"
#include "calib/profile/sweep.h"

namespace tideline::profile {
namespace {

struct Weights {
  std::int64_t n, k;
};
// q_a + kv_a, q_b, kv_b, o_proj, shared gate_up and down, dense gate_up and down, draft projection.
constexpr std::array kDense{Weights{2112, 7168},  Weights{24576, 1536}, Weights{32768, 512},
                            Weights{7168, 16384}, Weights{4096, 7168},  Weights{7168, 2048},
                            Weights{36864, 7168}, Weights{7168, 18432}, Weights{7168, 14336}};
constexpr std::array<std::int64_t, 20> kTokens{16,  32,   48,   64,   96,   128,  192,  256,  384,   512,
                                               768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384};
// Prefill passes of two micro-batches lend 20 or 24 of 132 SMs to the all-to-all.
constexpr std::array kLentTo{112, 108};
constexpr std::array<std::int64_t, 5> kTokensLent{1024, 2048, 4096, 8192, 16384};

constexpr std::array kExperts{Weights{4096, 7168}, Weights{7168, 2048}};
constexpr std::array<std::int64_t, 7> kGroups{1, 2, 4, 8, 9, 16, 32};
constexpr std::array<std::int64_t, 9> kRowsPerExpert{16, 32, 64, 128, 256, 512, 1024, 2048, 4096};

double fp8_bytes(std::int64_t m, std::int64_t n, std::int64_t k) {
  const auto values = static_cast<double>(m * k + n * k + 2 * m * n);
  const auto scales = static_cast<double>(row_scales(m, k).floats() + block_scales(n, k).floats());
  return values + 4 * scales;
}

double flop(std::int64_t m, std::int64_t n, std::int64_t k) {
  return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

Point batched(std::int64_t heads, std::int64_t m, std::int64_t n, std::int64_t k) {
  return {.family = "batched_gemm",
          .op = "batched_gemm",
          .shape = {{"batch", heads}, {"m", m}, {"n", n}, {"k", k}},
          .flop = flop(m, n, k) * static_cast<double>(heads),
          .bytes = 2.0 * static_cast<double>(heads * (m * k + n * k + m * n))};
}

Point bf16(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t bytes_out) {
  return {.family = "bf16_gemm",
          .op = "bf16_gemm",
          .shape = {{"m", m}, {"n", n}, {"k", k}, {"bytes_out", bytes_out}},
          .flop = flop(m, n, k),
          .bytes = static_cast<double>(2 * (m * k + n * k) + bytes_out * m * n)};
}

Point prefill(std::int64_t batch, std::int64_t heads, std::int64_t tokens) {
  const double pairs = 0.5 * static_cast<double>(tokens) * static_cast<double>(tokens + 1);
  const auto rows = static_cast<double>(batch * heads * tokens);
  return {.family = "mla_prefill",
          .op = "mla_prefill",
          .shape = {{"batch", batch}, {"heads", heads}, {"tokens", tokens}, {"d_qk", 192}, {"d_v", 128}},
          .flop = 2.0 * static_cast<double>(batch * heads) * pairs * (192 + 128),
          .bytes = rows * (2 * (192 + 192 + 128 + 128) + 4)};
}

// `rows` of all experts together, as records count them.
Point grouped(std::int64_t groups, std::int64_t rows, std::int64_t n, std::int64_t k) {
  return {.family = "grouped_gemm",
          .op = "grouped_gemm",
          .shape = {{"groups", groups}, {"rows", rows}, {"n", n}, {"k", k}},
          .flop = flop(rows, n, k),
          .bytes = fp8_bytes(rows / groups, n, k) * static_cast<double>(groups)};
}

}  // namespace

Point dense_gemm(std::int64_t m, std::int64_t n, std::int64_t k, int sms) {
  return {.family = sms > 0 ? "dense_gemm_lent" : "dense_gemm",
          .op = "dense_gemm",
          .shape = {{"m", m}, {"n", n}, {"k", k}},
          .sms = sms,
          .flop = flop(m, n, k),
          .bytes = fp8_bytes(m, n, k)};
}

std::vector<Point> dense_gemm_points() {
  std::vector<Point> points;
  for (const Weights& w : kDense)
    for (const std::int64_t m : kTokens) points.push_back(dense_gemm(m, w.n, w.k));
  return points;
}

std::vector<Point> dense_gemm_lent_points() {
  std::vector<Point> points;
  for (const Weights& w : kDense)
    for (const std::int64_t m : kTokensLent)
      for (const int sms : kLentTo) points.push_back(dense_gemm(m, w.n, w.k, sms));
  return points;
}

// 128 heads of one GPU; 16 of tensor parallelism over eight.
std::vector<Point> batched_gemm_points() {
  std::vector<Point> points;
  for (const std::int64_t heads : {128, 16})
    for (const std::int64_t m : {1, 4, 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024}) {
      points.push_back(batched(heads, m, 512, 128));
      points.push_back(batched(heads, m, 128, 512));
    }
  return points;
}

std::vector<Point> bf16_gemm_points() {
  std::vector<Point> points;
  for (const std::int64_t m : {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384})
    points.push_back(bf16(m, 256, 7168, 4));
  for (const std::int64_t m : {1, 8, 16, 32, 64, 128, 256, 512}) points.push_back(bf16(m, 129280, 7168, 2));
  points.push_back(bf16(8192, 8192, 8192, 2));  // not of the layer: the BF16 ceiling that others publish
  return points;
}

std::vector<Point> mla_prefill_points() {
  std::vector<Point> points;
  for (const std::int64_t tokens : {256, 512, 1024, 2048, 4096, 8192, 16384, 32768})
    points.push_back(prefill(1, 128, tokens));
  for (const std::int64_t tokens : {512, 1024, 2048, 4096}) points.push_back(prefill(4, 128, tokens));
  for (const std::int64_t tokens : {1024, 4096, 16384}) points.push_back(prefill(1, 16, tokens));
  return points;
}

std::vector<Point> grouped_gemm_points() {
  std::vector<Point> points;
  for (const Weights& w : kExperts)
    for (const std::int64_t groups : kGroups)
      for (const std::int64_t rows : kRowsPerExpert)
        if (groups * rows <= 36864) points.push_back(grouped(groups, groups * rows, w.n, w.k));
  return points;
}

}  // namespace tideline::profile
