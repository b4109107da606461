// The kernels between the products, our own: simple, memory bound, one launch each. README.md says how they
// differ from what a serving engine fuses.
#include <algorithm>
#include <cmath>
#include <map>

#include "calib/profile/block_scales.h"
#include "calib/profile/families/families.h"
#include "calib/profile/reference.h"

namespace tideline::profile {
namespace {

constexpr std::int64_t kTopK = 8, kPositions = 4096;
// E4M3 has three bits of mantissa: half a step at 1.75 of the root mean square, and what the scale rounds.
constexpr double kFp8Tolerance = 0.2;

Row row_of(const Device& device, const Bf16* from, std::int64_t begin, std::int64_t width) {
  Row row;
  for (const Bf16 b : device.fetch(from, begin, width)) row.push_back(from_bf16(b));
  return row;
}
Row row_of(const Device& device, const float* from, std::int64_t begin, std::int64_t width) {
  const std::vector<float> values = device.fetch(from, begin, width);
  return {values.begin(), values.end()};
}

// Row `row` of [rows, width] FP8 values times their scales.
Row dequantised(const Device& device, const Fp8* q, const float* scales, std::int64_t rows,
                std::int64_t width, std::int64_t row) {
  const RowScales layout = row_scales(rows, width);
  const std::vector<float> all = device.fetch(scales, 0, layout.floats());
  const std::vector<Fp8> bits = device.fetch(q, row * width, width);
  Row values;
  for (std::int64_t k = 0; k < width; ++k)
    values.push_back(from_e4m3(bits[static_cast<std::size_t>(k)]) *
                     all[static_cast<std::size_t>(layout.at(row, k))]);
  return values;
}

Subject own_kernel(std::vector<std::string> includes, int sets) {
  Subject subject;
  subject.operand_sets = sets;
  subject.dtype = {{"a", "bf16"}, {"out", "bf16"}, {"acc", "fp32"}};
  subject.layout = "row-major";
  subject.includes = std::move(includes);
  subject.implementation.library = "tideline-profile";
  subject.implementation.version = "1";  // of the kernels; raise it when one becomes faster or slower
  return subject;
}

// Sets the check: runs launch 0, then compares for the last row, which every layout mistake reaches.
template <class Compare>
void check_with(Subject& subject, const Device& device, Compare compare) {
  subject.error = [enqueue = subject.enqueue, &device, compare] {
    enqueue(device.stream(), 0);
    return compare();
  };
}

Subject norm(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), c = p.at("c");
  const int sets = d.sets_of(p.bytes);
  const Rotating<Bf16> x = d.random<Bf16>(sets, m * c, -2, 2), y = d.arrays<Bf16>(sets, m * c);
  const Bf16* weight = d.random<Bf16>(1, c, 0.5f, 1.5f)[0];
  Subject s = own_kernel({"norm"}, sets);
  s.enqueue = [=](cudaStream_t st, int i) { kernels::launch_norm(x[i], weight, y[i], m, c, st); };
  check_with(s, d, [=, &d] {
    const std::int64_t at = (m - 1) * c;
    return relative_error(row_of(d, y[0], at, c),
                          rms_norm(row_of(d, x[0], at, c), row_of(d, weight, 0, c), kernels::kEpsilon));
  });
  return s;
}

Subject add_norm(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), c = p.at("c");
  const bool quantised = p.op == "add_norm_quant";
  const int sets = d.sets_of(p.bytes);
  const Rotating<Bf16> x = d.random<Bf16>(sets, m * c, -2, 2), residual = d.random<Bf16>(sets, m * c, -2, 2);
  const Rotating<Bf16> sum = d.arrays<Bf16>(sets, m * c), y = d.arrays<Bf16>(sets, m * c);
  const Rotating<Fp8> q = d.arrays<Fp8>(sets, m * c);
  const Rotating<float> scales = d.arrays<float>(sets, row_scales(m, c).floats());
  const Bf16* weight = d.random<Bf16>(1, c, 0.5f, 1.5f)[0];
  Subject s = own_kernel({"add", "norm"}, sets);
  if (quantised) {
    s.includes.emplace_back("quantise");
    s.enqueue = [=](cudaStream_t st, int i) {
      kernels::launch_add_norm_quant(x[i], residual[i], weight, sum[i], y[i], q[i], scales[i], m, st);
    };
  } else {
    s.enqueue = [=](cudaStream_t st, int i) {
      kernels::launch_add_norm(x[i], residual[i], weight, sum[i], y[i], m, st);
    };
  }
  s.tolerance = quantised ? kFp8Tolerance : s.tolerance;
  check_with(s, d, [=, &d] {
    const std::int64_t at = (m - 1) * c;
    Row both = row_of(d, x[0], at, c);
    const Row other = row_of(d, residual[0], at, c);
    for (std::size_t i = 0; i < both.size(); ++i) both[i] += other[i];
    const Row expected = rms_norm(both, row_of(d, weight, 0, c), kernels::kEpsilon);
    return relative_error(quantised ? dequantised(d, q[0], scales[0], m, c, m - 1) : row_of(d, y[0], at, c),
                          expected);
  });
  return s;
}

// quantise and swiglu_quant: the second reads a gate beside each value.
Subject quantise(const Point& p, Device& d) {
  const bool swiglu_first = p.op == "swiglu_quant";
  const std::int64_t m = p.at("m"), width = p.at(swiglu_first ? "width" : "k"),
                     in = swiglu_first ? 2 * width : width;
  const int sets = d.sets_of(p.bytes);
  const Rotating<Bf16> x = d.random<Bf16>(sets, m * in, -4, 4);
  const Rotating<Fp8> q = d.arrays<Fp8>(sets, m * width);
  const Rotating<float> scales = d.arrays<float>(sets, row_scales(m, width).floats());
  Subject s = own_kernel({"quantise"}, sets);
  s.dtype["out"] = "e4m3";
  s.dtype["scale_out"] = "fp32 1x128";
  if (swiglu_first) s.includes.insert(s.includes.begin(), "activation");
  const auto launch = swiglu_first ? kernels::launch_swiglu_quantise : kernels::launch_quantise;
  s.enqueue = [=](cudaStream_t st, int i) { launch(x[i], q[i], scales[i], m, width, st); };
  s.tolerance = kFp8Tolerance * (swiglu_first ? 2 : 1);  // SwiGLU's values have a longer tail
  check_with(s, d, [=, &d] {
    const std::int64_t at = (m - 1) * in;
    const Row expected = swiglu_first ? swiglu(row_of(d, x[0], at, width), row_of(d, x[0], at + width, width))
                                      : row_of(d, x[0], at, width);
    return relative_error(dequantised(d, q[0], scales[0], m, width, m - 1), expected);
  });
  return s;
}

Subject rope_cache(const Point& p, Device& d) {
  constexpr std::int64_t kWidth = 192, kNope = 128, kLatent = 512, kCacheWidth = 576, kPairs = 32;
  const std::int64_t m = p.at("m");
  const int heads = static_cast<int>(p.at("heads")), sets = d.sets_of(p.bytes);
  const Rotating<Bf16> q = d.random<Bf16>(sets, m * heads * kWidth, -2, 2);
  const Rotating<Bf16> latent = d.random<Bf16>(sets, m * kCacheWidth, -2, 2);
  const Rotating<Bf16> cache = d.arrays<Bf16>(sets, m * kCacheWidth);
  std::vector<float> turns;  // proper ones: q is turned in place again and again and must keep its size
  for (int i = 0; i < kPositions * kPairs; ++i)
    turns.insert(turns.end(), {std::cos(static_cast<float>(i)), std::sin(static_cast<float>(i))});
  std::vector<int> slots, positions;
  for (int t = 0; t < m; ++t) {
    slots.push_back(static_cast<int>(m) - 1 - t);
    positions.push_back(static_cast<int>((t * 37 + 5) % kPositions));
  }
  const float* angles = d.upload(turns);
  const int *slot = d.upload(slots), *position = d.upload(positions);
  Subject s = own_kernel({"rotary", "cache write"}, sets);
  s.enqueue = [=](cudaStream_t st, int i) {
    kernels::launch_rope_cache(q[i], latent[i], cache[i], slot, position, angles, m, heads, st);
  };
  s.error = [=, &d, enqueue = s.enqueue] {
    const std::int64_t at = ((m - 1) * heads + heads - 1) * kWidth + kNope;
    const Row before = row_of(d, q[0], at, 2 * kPairs);
    enqueue(d.stream(), 0);
    Row cosine, sine;
    for (std::size_t i = 0; i < kPairs; ++i) {
      const std::size_t turn = 2 * (static_cast<std::size_t>(positions.back()) * kPairs + i);
      cosine.push_back(turns[turn]);
      sine.push_back(turns[turn + 1]);
    }
    return std::max(relative_error(row_of(d, q[0], at, 2 * kPairs), rotate(before, cosine, sine)),
                    relative_error(row_of(d, cache[0], slots.back() * kCacheWidth, kLatent),
                                   row_of(d, latent[0], (m - 1) * kCacheWidth, kLatent)));
  };
  return s;
}

Subject assemble_keys(const Point& p, Device& d) {
  const std::int64_t m = p.at("m");
  const int heads = static_cast<int>(p.at("heads")), sets = d.sets_of(1.4 * p.bytes);
  const Rotating<Bf16> up = d.random<Bf16>(sets, m * heads * 256, -2, 2),
                       shared = d.random<Bf16>(sets, m * 64, -2, 2);
  const Rotating<Bf16> keys = d.arrays<Bf16>(sets, m * heads * 192);
  Subject s = own_kernel({"assemble keys"}, sets);
  s.enqueue = [=](cudaStream_t st, int i) {
    kernels::launch_assemble_keys(up[i], shared[i], keys[i], m, heads, st);
  };
  check_with(s, d, [=, &d] {
    Row expected = row_of(d, up[0], (m * heads - 1) * 256, 128);
    const Row rope = row_of(d, shared[0], (m - 1) * 64, 64);
    expected.insert(expected.end(), rope.begin(), rope.end());
    return relative_error(row_of(d, keys[0], (m * heads - 1) * 192, 192), expected);
  });
  return s;
}

Subject top_k(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), experts = p.at("experts");
  const int sets = d.sets_of(p.bytes);
  const Rotating<float> logits = d.random<float>(sets, m * experts, -3, 3),
                        weights = d.arrays<float>(sets, m * kTopK);
  const Rotating<int> chosen = d.arrays<int>(sets, m * kTopK);
  const float* bias = d.random<float>(1, experts, -0.2f, 0.2f)[0];
  Subject s = own_kernel({"top-k"}, sets);
  s.dtype = {{"a", "fp32"}, {"out", "fp32"}};
  s.enqueue = [=](cudaStream_t st, int i) {
    kernels::launch_top_k(logits[i], bias, chosen[i], weights[i], m, st);
  };
  check_with(s, d, [=, &d] {
    const Choice expected = route(row_of(d, logits[0], (m - 1) * experts, experts),
                                  row_of(d, bias, 0, experts), 8, 4, kTopK, 2.5);
    if (d.fetch(chosen[0], (m - 1) * kTopK, kTopK) != expected.experts) return 1.0;
    return relative_error(row_of(d, weights[0], (m - 1) * kTopK, kTopK), expected.weights);
  });
  return s;
}

Subject permute(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), c = p.at("c"), rows = m * p.at("top_k");
  const int sets = d.sets_of(p.bytes);
  const Rotating<Fp8> x = d.random<Fp8>(sets, m * c, -2, 2), y = d.arrays<Fp8>(sets, rows * c);
  const Rotating<float> x_scales = d.random<float>(sets, row_scales(m, c).floats(), 0.005f, 0.02f);
  const Rotating<float> y_scales = d.arrays<float>(sets, row_scales(rows, c).floats());
  const int* source = d.random_below(1, rows, static_cast<unsigned>(m))[0];
  Subject s = own_kernel({"permute"}, sets);
  s.dtype = {{"a", "e4m3"}, {"scale_a", "fp32 1x128"}, {"out", "e4m3"}};
  s.enqueue = [=](cudaStream_t st, int i) {
    kernels::launch_permute(x[i], x_scales[i], y[i], y_scales[i], source, m, rows, c, st);
  };
  check_with(s, d, [=, &d] {
    const int from = d.fetch(source, rows - 1, 1)[0];
    return relative_error(dequantised(d, y[0], y_scales[0], rows, c, rows - 1),
                          dequantised(d, x[0], x_scales[0], m, c, from));
  });
  return s;
}

Subject combine(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), c = p.at("c"), rows = m * p.at("top_k");
  const int sets = d.sets_of(p.bytes);
  const Rotating<Bf16> x = d.random<Bf16>(sets, rows * c, -2, 2), y = d.arrays<Bf16>(sets, m * c);
  const int* row = d.random_below(1, rows, static_cast<unsigned>(rows))[0];
  const float* weight = d.random<float>(1, rows, 0, 1)[0];
  Subject s = own_kernel({"combine"}, sets);
  s.enqueue = [=](cudaStream_t st, int i) { kernels::launch_combine(x[i], y[i], row, weight, m, c, st); };
  check_with(s, d, [=, &d] {
    const std::vector<int> from = d.fetch(row, (m - 1) * kTopK, kTopK);
    const Row share = row_of(d, weight, (m - 1) * kTopK, kTopK);
    Row expected(static_cast<std::size_t>(c));
    for (std::size_t k = 0; k < from.size(); ++k) {
      const Row part = row_of(d, x[0], from[k] * c, c);
      for (std::size_t i = 0; i < part.size(); ++i) expected[i] += share[k] * part[i];
    }
    return relative_error(row_of(d, y[0], (m - 1) * c, c), expected);
  });
  return s;
}

Subject argmax(const Point& p, Device& d) {
  const std::int64_t m = p.at("m"), words = p.at("words");
  const int sets = d.sets_of(p.bytes);
  const Rotating<Bf16> logits = d.random<Bf16>(sets, m * words, -8, 8);
  const Rotating<int> place = d.arrays<int>(sets, m);
  Subject s = own_kernel({"argmax"}, sets);
  s.dtype["out"] = "int32";
  s.enqueue = [=](cudaStream_t st, int i) { kernels::launch_argmax(logits[i], place[i], m, words, st); };
  check_with(s, d, [=, &d] {
    const Row row = row_of(d, logits[0], (m - 1) * words, words);
    const auto first = std::max_element(row.begin(), row.end()) - row.begin();
    return d.fetch(place[0], m - 1, 1)[0] == first ? 0.0 : 1.0;
  });
  return s;
}

}  // namespace

void run_layer(const Point& point, Bench& bench) {
  static const std::map<std::string, Subject (*)(const Point&, Device&)> kMake{
      {"add_norm", add_norm},     {"add_norm_quant", add_norm},     {"norm", norm},    {"quantise", quantise},
      {"swiglu_quant", quantise}, {"rope_cache", rope_cache},       {"top_k", top_k},  {"permute", permute},
      {"combine", combine},       {"assemble_keys", assemble_keys}, {"argmax", argmax}};
  Subject subject = kMake.at(point.op)(point, bench.device());
  const Enqueue launch = subject.enqueue;
  subject.enqueue = [launch](cudaStream_t stream, int i) {
    launch(stream, i);
    require_queued();
  };
  bench.measure(point, subject);
}

}  // namespace tideline::profile
