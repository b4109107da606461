// Products through cuBLASLt: dense FP8, batched BF16, BF16. The timed region is the product alone.
#include <algorithm>
#include <utility>

#include "calib/profile/block_scales.h"
#include "calib/profile/cuda/matmul.h"
#include "calib/profile/families/check_product.h"
#include "calib/profile/families/families.h"

namespace tideline::profile {
namespace {

constexpr std::int64_t kWorkspace = std::int64_t{32} << 20;
constexpr double kLongUs = 1e3;  // products longer than this try half of the algorithms

// Finds the fastest algorithm for the product and measures it.
void measure_product(const Point& point, Bench& bench, const MatmulShape& shape,
                     const std::vector<Operands>& sets, Subject subject) {
  Device& device = bench.device();
  const Matmul::Workspace workspace{device.take(kWorkspace), static_cast<std::size_t>(kWorkspace)};
  const Matmul product(bench.cublaslt(), shape, point.sms, workspace.bytes, workspace.memory);
  const auto way = [&](int algorithm) -> Enqueue {
    return [&, algorithm](cudaStream_t stream, int launch) {
      product.enqueue(algorithm, sets[static_cast<std::size_t>(launch) % sets.size()], workspace, stream);
    };
  };
  const int tried = guess_us(point) > kLongUs ? std::min(4, product.algorithms()) : product.algorithms();
  const int best = bench.fastest(tried, way);
  subject.enqueue = way(best);
  subject.operand_sets = static_cast<int>(sets.size());
  subject.includes = {"product"};
  subject.implementation = product.describe(best);
  subject.error = [&] {
    subject.enqueue(device.stream(), 0);
    return product_error(device, shape, sets[0]);
  };
  bench.measure(point, subject);
}

std::vector<Operands> bf16_operands(Device& device, const Point& point, std::int64_t x, std::int64_t w,
                                    std::int64_t y_bytes) {
  const int sets = device.sets_of(point.bytes);
  const Rotating<Bf16> xs = device.random<Bf16>(sets, x, -1, 1), ws = device.random<Bf16>(sets, w, -1, 1);
  std::vector<Operands> all;
  for (int s = 0; s < sets; ++s) all.push_back({.w = ws[s], .x = xs[s], .y = device.take(y_bytes)});
  return all;
}

}  // namespace

void run_dense_gemm(const Point& point, Bench& bench) {
  const std::int64_t m = point.at("m"), n = point.at("n"), k = point.at("k");
  Device& device = bench.device();
  const int count = device.sets_of(point.bytes);
  const Rotating<Fp8> x = device.random<Fp8>(count, m * k, -2, 2),
                      w = device.random<Fp8>(count, n * k, -2, 2);
  // Scales differ by a factor of four, so that one read from a wrong place shows in the check.
  const Rotating<float> x_scales = device.random<float>(count, row_scales(m, k).floats(), 0.005f, 0.02f);
  const Rotating<float> w_scales = device.random<float>(count, block_scales(n, k).floats(), 0.005f, 0.02f);
  const Rotating<Bf16> y = device.arrays<Bf16>(count, m * n);
  std::vector<Operands> sets;
  for (int s = 0; s < count; ++s)
    sets.push_back({.w = w[s], .x = x[s], .y = y[s], .w_scales = w_scales[s], .x_scales = x_scales[s]});
  Subject subject;
  subject.dtype = {{"a", "e4m3"},
                   {"b", "e4m3"},
                   {"out", "bf16"},
                   {"acc", "fp32"},
                   {"scale_a", "fp32 1x128"},
                   {"scale_b", "fp32 128x128"}};
  subject.layout = "x row-major, weights k-major";
  measure_product(point, bench, {.m = m, .n = n, .k = k, .fp8 = true}, sets, std::move(subject));
}

// Absorption as the layer stores its operands: [tokens, heads, width]. With k = 128 the queries' part without
// position (of 192) times W_UK [128, 512] into the latent query (of 576); with k = 512 the latent output
// times W_UV [128, 512] transposed.
void run_batched_gemm(const Point& point, Bench& bench) {
  const std::int64_t heads = point.at("batch"), m = point.at("m"), n = point.at("n"), k = point.at("k");
  const bool queries = k < n;
  const std::int64_t x_width = queries ? k + 64 : k, y_width = queries ? n + 64 : n;
  const MatmulShape shape{.m = m,
                          .n = n,
                          .k = k,
                          .k_major = !queries,
                          .x_stride = heads * x_width,
                          .y_stride = heads * y_width,
                          .batch = heads,
                          .w_next = n * k,
                          .x_next = x_width,
                          .y_next = y_width};
  Subject subject;
  subject.dtype = {{"a", "bf16"}, {"b", "bf16"}, {"out", "bf16"}, {"acc", "fp32"}};
  subject.layout = "tokens, heads, width";
  const std::vector<Operands> sets =
      bf16_operands(bench.device(), point, m * heads * x_width, heads * n * k, 2 * m * heads * y_width);
  measure_product(point, bench, shape, sets, std::move(subject));
}

void run_bf16_gemm(const Point& point, Bench& bench) {
  const std::int64_t m = point.at("m"), n = point.at("n"), k = point.at("k");
  const bool fp32_out = point.at("bytes_out") == 4;
  const MatmulShape shape{.m = m, .n = n, .k = k, .out = fp32_out ? CUDA_R_32F : CUDA_R_16BF};
  Subject subject;
  subject.dtype = {{"a", "bf16"}, {"b", "bf16"}, {"out", fp32_out ? "fp32" : "bf16"}, {"acc", "fp32"}};
  subject.layout = "x row-major, weights k-major";
  const std::vector<Operands> sets =
      bf16_operands(bench.device(), point, m * k, n * k, m * n * point.at("bytes_out"));
  measure_product(point, bench, shape, sets, std::move(subject));
}

}  // namespace tideline::profile
