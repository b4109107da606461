// What each kernel of the profiler computes, run thread by thread on the CPU and held to the reference.
#include "tests/unit/calib/profile/cuda_on_cpu.h"
// The kernels come after it.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "calib/profile/kernels/fill.cuh"
#include "calib/profile/kernels/norm.cuh"
#include "calib/profile/kernels/quantise.cuh"
#include "calib/profile/kernels/rope.cuh"
#include "calib/profile/kernels/rows.cuh"
#include "calib/profile/kernels/top_k.cuh"
#include "calib/profile/reference.h"

using namespace tideline::profile;
using namespace tideline::profile::kernels;
using tideline::cuda_on_cpu::launch;

namespace {

constexpr float kSmall = 1e-6f;

double value(const __nv_bfloat16& x) {
  return __bfloat162float(x);
}
double value(const __nv_fp8_e4m3& x) {
  return from_e4m3(x.__x);
}

// `count` values in 16-byte vectors V, and rows of them as doubles.
template <class V>
struct Array {
  std::vector<V> data;
  Array(long count, unsigned seed, float low = -2.f, float high = 2.f)
      : data(static_cast<std::size_t>(count / 8)) {
    for (long i = 0; i < count; ++i) {
      using Value = std::remove_reference_t<decltype(data[0].x[0])>;
      data[static_cast<std::size_t>(i / 8)].x[i % 8] =
          Value(uniform(static_cast<unsigned long>(i), seed, low, high));
    }
  }
  explicit Array(long count) : data(static_cast<std::size_t>(count / 8)) {}
  [[nodiscard]] Row row(long begin, long width) const {
    Row values;
    for (long i = begin; i < begin + width; ++i)
      values.push_back(value(data[static_cast<std::size_t>(i / 8)].x[i % 8]));
    return values;
  }
  V* get() { return data.data(); }
};

Row add(Row a, const Row& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

// A quantised row times its scales.
Row dequantised(const Array<Fp8x8>& q, const std::vector<float>& scales, long rows, long width, long row) {
  Row values = q.row(row * width, width);
  for (long k = 0; k < width; ++k)
    values[static_cast<std::size_t>(k)] *=
        scales[static_cast<std::size_t>(row_scales(rows, width).at(row, k))];
  return values;
}

// Largest error of quantisation: half a step of a three-bit mantissa at the top of a block.
void check_quantised(const Row& got, const Row& expected) {
  for (std::size_t block = 0; block < expected.size(); block += 128) {
    double top = 0;
    for (std::size_t k = block; k < block + 128; ++k) top = std::max(top, std::fabs(expected[k]));
    for (std::size_t k = block; k < block + 128; ++k)
      CHECK(std::fabs(got[k] - expected[k]) <= std::fabs(expected[k]) * 0.065 + top * 0.003);
  }
}

}  // namespace

TEST_CASE("The norm of a row is the reference's, at both widths of the latents") {
  constexpr long kRows = 3;
  Array<Bf16x8> x(kRows * 1536, 1), weight(1536, 2), y(kRows * 1536);
  launch(kRows, 1536 / 8, [&] { norm<1536>(x.get(), weight.get(), y.get(), kSmall); });
  for (long r = 0; r < kRows; ++r)
    CHECK(relative_error(y.row(r * 1536, 1536), rms_norm(x.row(r * 1536, 1536), weight.row(0, 1536), 1e-6)) <
          0.02);

  Array<Bf16x8> small(kRows * 512);
  launch(kRows, 512 / 8, [&] { norm<512>(x.get(), weight.get(), small.get(), kSmall); });
  for (long r = 0; r < kRows; ++r)
    CHECK(relative_error(small.row(r * 512, 512), rms_norm(x.row(r * 512, 512), weight.row(0, 512), 1e-6)) <
          0.02);
}

TEST_CASE("The fused norm adds, norms, and quantises into the layout of the product's scales") {
  constexpr long kRows = 2, kWidth = 7168;
  Array<Bf16x8> x(kRows * kWidth, 1), residual(kRows * kWidth, 2), weight(kWidth, 3);
  Array<Bf16x8> sum(kRows * kWidth), y(kRows * kWidth);
  Array<Fp8x8> q(kRows * kWidth);
  std::vector<float> scales(static_cast<std::size_t>(row_scales(kRows, kWidth).floats()));
  launch(kRows, kWidth / 8, [&] {
    add_norm<kWidth, true>(x.get(), residual.get(), weight.get(), sum.get(), y.get(), q.get(), scales.data(),
                           kSmall);
  });
  for (long r = 0; r < kRows; ++r) {
    const Row both = add(x.row(r * kWidth, kWidth), residual.row(r * kWidth, kWidth));
    const Row expected = rms_norm(both, weight.row(0, kWidth), 1e-6);
    CHECK(relative_error(sum.row(r * kWidth, kWidth), both) < 0.02);
    CHECK(relative_error(y.row(r * kWidth, kWidth), expected) < 0.02);
    check_quantised(dequantised(q, scales, kRows, kWidth, r), expected);
  }
}

TEST_CASE(
    "Quantisation keeps every value within half a step, also where the last block of threads is not full") {
  constexpr long kRows = 5, kWidth = 384;  // 15 blocks of 128: the grid has room for 16
  Array<Bf16x8> x(kRows * kWidth, 4, -30.f, 30.f);
  Array<Fp8x8> q(kRows * kWidth);
  std::vector<float> scales(static_cast<std::size_t>(row_scales(kRows, kWidth).floats()), -1.f);
  REQUIRE(quantise_grid(kRows, kWidth) == 1);
  launch(1, kQuantiseThreads, [&] { quantise(x.get(), q.get(), scales.data(), kRows, kWidth); });
  for (long r = 0; r < kRows; ++r)
    check_quantised(dequantised(q, scales, kRows, kWidth, r), x.row(r * kWidth, kWidth));
  for (const float s : scales) CHECK(s > 0);
}

TEST_CASE("SwiGLU takes the gate from the first half of a row and quantises") {
  constexpr long kRows = 3, kWidth = 256;
  Array<Bf16x8> x(kRows * 2 * kWidth, 5, -4.f, 4.f);
  Array<Fp8x8> q(kRows * kWidth);
  std::vector<float> scales(static_cast<std::size_t>(row_scales(kRows, kWidth).floats()));
  launch(quantise_grid(kRows, kWidth), kQuantiseThreads,
         [&] { swiglu_quantise(x.get(), q.get(), scales.data(), kRows, kWidth); });
  for (long r = 0; r < kRows; ++r)
    check_quantised(dequantised(q, scales, kRows, kWidth, r),
                    swiglu(x.row(r * 2 * kWidth, kWidth), x.row(r * 2 * kWidth + kWidth, kWidth)));
}

TEST_CASE("Rotary turns the last 64 values of each head and of the cached key, and leaves the rest") {
  constexpr long kTokens = 2, kPositions = 7;
  constexpr int kHeads = 3;
  Array<Bf16x8> q(kTokens * kHeads * kQueryWidth, 6), latent(kTokens * kCacheWidth, 7),
      cache(4 * kCacheWidth);
  const Array<Bf16x8> before = q;
  const std::vector<int> slot{3, 0}, position{6, 2};
  std::vector<float2> angles(kPositions * kRope / 2);
  for (std::size_t i = 0; i < angles.size(); ++i)
    angles[i] = {std::cos(0.1f * static_cast<float>(i)), std::sin(0.1f * static_cast<float>(i))};
  launch(kTokens, kRopeThreads, [&] {
    rope_cache(&q.get()->x[0], &latent.get()->x[0], &cache.get()->x[0], slot.data(), position.data(),
               angles.data(), kHeads);
  });
  for (std::size_t t = 0; t < kTokens; ++t) {
    Row cosine, sine;
    for (std::size_t i = 0; i < kRope / 2; ++i) {
      cosine.push_back(angles[static_cast<std::size_t>(position[t]) * (kRope / 2) + i].x);
      sine.push_back(angles[static_cast<std::size_t>(position[t]) * (kRope / 2) + i].y);
    }
    for (long head = 0; head < kHeads; ++head) {
      const long at = (static_cast<long>(t) * kHeads + head) * kQueryWidth;
      CHECK(q.row(at, kNope) == before.row(at, kNope));
      CHECK(relative_error(q.row(at + kNope, kRope), rotate(before.row(at + kNope, kRope), cosine, sine)) <
            0.02);
    }
    const long in = static_cast<long>(t) * kCacheWidth, out = slot[t] * kCacheWidth;
    CHECK(cache.row(out, kLatent) == latent.row(in, kLatent));
    CHECK(relative_error(cache.row(out + kLatent, kRope),
                         rotate(latent.row(in + kLatent, kRope), cosine, sine)) < 0.02);
  }
}

TEST_CASE("Every head's key is its own part beside the shared rotary part") {
  constexpr long kTokens = 2;
  constexpr int kHeads = 3;
  Array<Bf16x8> up(kTokens * kHeads * 256, 8), shared(kTokens * kRope, 9),
      keys(kTokens * kHeads * kQueryWidth);
  launch(kTokens, kRopeThreads, [&] { assemble_keys(up.get(), shared.get(), keys.get(), kHeads); });
  for (long t = 0; t < kTokens; ++t)
    for (long h = 0; h < kHeads; ++h) {
      const long key = (t * kHeads + h) * kQueryWidth;
      CHECK(keys.row(key, kNope) == up.row((t * kHeads + h) * 256, kNope));
      CHECK(keys.row(key + kNope, kRope) == shared.row(t * kRope, kRope));
    }
}

TEST_CASE("The router chooses the reference's experts in its order, with its weights") {
  constexpr long kTokens = 6;  // the last block of four warps is half empty
  std::vector<float> logits(kTokens * 256), bias(256), weights(kTokens * 8);
  std::vector<int> experts(kTokens * 8);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = uniform(i, 10, -3.f, 3.f);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = uniform(i, 11, -0.2f, 0.2f);
  launch(top_k_grid(kTokens), kTopKThreads,
         [&] { top_k(logits.data(), bias.data(), experts.data(), weights.data(), kTokens); });
  for (std::size_t t = 0; t < kTokens; ++t) {
    const auto first = logits.begin() + static_cast<long>(t) * 256;
    const Choice expected = route(Row(first, first + 256), Row(bias.begin(), bias.end()), 8, 4, 8, 2.5);
    for (std::size_t k = 0; k < 8; ++k) {
      CHECK(experts[t * 8 + k] == expected.experts[k]);
      CHECK(weights[t * 8 + k] == doctest::Approx(expected.weights[k]).epsilon(1e-4).scale(0.0));
    }
  }
}

TEST_CASE("Permutation moves each row and its scales to its place") {
  constexpr long kIn = 3, kWidth = 256;
  Array<Fp8x8> x(kIn * kWidth, 12), y(4 * kWidth);
  const std::vector<int> source{2, 0, 0, 1};
  std::vector<float> scales(2 * kIn), moved(2 * 4);
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = static_cast<float>(i + 1);
  launch(4, kRowThreads, [&] {
    permute(reinterpret_cast<const uint4*>(x.get()), scales.data(), reinterpret_cast<uint4*>(y.get()),
            moved.data(), source.data(), kWidth / 16, 2, kIn);
  });
  for (long to = 0; to < 4; ++to)
    CHECK(dequantised(y, moved, 4, kWidth, to) ==
          dequantised(x, scales, kIn, kWidth, source[static_cast<std::size_t>(to)]));
}

TEST_CASE("Combination is the weighted sum of a token's eight rows") {
  constexpr long kTokens = 2, kWidth = 256;
  Array<Bf16x8> x(kTokens * 8 * kWidth, 13), y(kTokens * kWidth);
  std::vector<int> row(kTokens * 8);
  std::vector<float> weight(kTokens * 8);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<int>((i * 5 + 3) % row.size());
    weight[i] = uniform(i, 14, 0.f, 1.f);
  }
  launch(kTokens, kRowThreads, [&] { combine<8>(x.get(), y.get(), row.data(), weight.data(), kWidth / 8); });
  for (std::size_t t = 0; t < kTokens; ++t) {
    Row expected(kWidth);
    for (std::size_t k = 0; k < 8; ++k) {
      const Row part = x.row(row[t * 8 + k] * kWidth, kWidth);
      for (std::size_t i = 0; i < part.size(); ++i) expected[i] += weight[t * 8 + k] * part[i];
    }
    CHECK(relative_error(y.row(static_cast<long>(t) * kWidth, kWidth), expected) < 0.02);
  }
}

TEST_CASE("Argmax finds the first of the largest") {
  constexpr long kWidth = 8 * 1500;  // more than one vector a thread
  Array<Bf16x8> logits(2 * kWidth, 15, -1.f, 0.5f);
  logits.data[1400].x[3] = __nv_bfloat16(4.f);
  logits.data[1400].x[5] = __nv_bfloat16(4.f);
  logits.data[1500].x[0] = __nv_bfloat16(9.f);
  std::vector<int> place(2, -1);
  launch(2, kArgmaxThreads, [&] { argmax(logits.get(), place.data(), kWidth / 8); });
  CHECK(place[0] == 1400 * 8 + 3);
  CHECK(place[1] == 0);
}

TEST_CASE("Operands are spread over their range and differ with the seed") {
  double sum = 0;
  int equal = 0;
  for (unsigned long i = 0; i < 100'000; ++i) {
    const float x = uniform(i, 1, -1.f, 1.f);
    REQUIRE((x >= -1.f && x < 1.f));
    sum += x;
    equal += x == uniform(i, 2, -1.f, 1.f) ? 1 : 0;
  }
  CHECK(std::fabs(sum / 1e5) < 0.01);
  CHECK(equal < 3);
}
