// Attention of prefill through cuDNN. The timed region is the fused kernel: both products, mask and softmax.
#include "calib/profile/families/families.h"

#if TIDELINE_HAVE_CUDNN

#include <algorithm>
#include <cmath>
#include <memory>

#include "calib/profile/cuda/attention_graph.h"
#include "calib/profile/reference.h"

namespace tideline::profile {
namespace {

struct Tensors {
  const Bf16 *q, *k, *v;
  Bf16* out;
};

// [batch 0, tokens, head] of a tensor in memory order [batch, tokens, heads, width].
Row fetch_row(const Device& device, const Bf16* tensor, const AttentionShape& a, std::int64_t width,
              std::int64_t token, std::int64_t head) {
  Row row;
  for (const Bf16 b : device.fetch(tensor, (token * a.heads + head) * width, width))
    row.push_back(from_bf16(b));
  return row;
}

// A few queries, also behind the first tile; none past kKeysMax keys, which would only take longer.
double attention_error(const Device& device, const AttentionShape& a, const Tensors& t) {
  constexpr std::int64_t kKeysMax = 512;
  Row got, expected;
  for (const std::int64_t head : {std::int64_t{0}, a.heads - 1}) {
    std::vector<Row> keys, values;
    for (std::int64_t token = 0; token < std::min(a.tokens, kKeysMax); ++token) {
      keys.push_back(fetch_row(device, t.k, a, a.d_qk, token, head));
      values.push_back(fetch_row(device, t.v, a, a.d_v, token, head));
      if (token != 0 && token != 1 && token != 130 && token != std::min(a.tokens, kKeysMax) - 1) continue;
      const Row o = fetch_row(device, t.out, a, a.d_v, token, head);
      const Row q = fetch_row(device, t.q, a, a.d_qk, token, head);
      const Row e = attend(q, keys, values, 1.0 / std::sqrt(static_cast<double>(a.d_qk)));
      got.insert(got.end(), o.begin(), o.end());
      expected.insert(expected.end(), e.begin(), e.end());
    }
  }
  return relative_error(got, expected);
}

}  // namespace

void run_mla_prefill(const Point& point, Bench& bench) {
  const AttentionShape a{point.at("batch"), point.at("heads"), point.at("tokens"), point.at("d_qk"),
                         point.at("d_v")};
  const Cudnn& library = bench.cudnn();
  Device& device = bench.device();
  cudnnHandle_t raw = nullptr;
  library.require(library.create(&raw));
  const std::shared_ptr<cudnnContext> handle(raw,
                                             [destroy = library.destroy](cudnnHandle_t h) { destroy(h); });
  AttentionPlan plan(library, handle.get(), a);

  const std::int64_t rows = a.batch * a.heads * a.tokens;
  const int count = device.sets_of(point.bytes + static_cast<double>(plan.workspace_bytes()));
  const Rotating<Bf16> q = device.random<Bf16>(count, rows * a.d_qk, -2, 2);
  const Rotating<Bf16> k = device.random<Bf16>(count, rows * a.d_qk, -2, 2);
  const Rotating<Bf16> v = device.random<Bf16>(count, rows * a.d_v, -2, 2);
  const Rotating<Bf16> out = device.arrays<Bf16>(count, rows * a.d_v);
  const Rotating<float> statistics = device.arrays<float>(count, rows);
  void* const workspace = device.take(plan.workspace_bytes() + 256);
  std::vector<Descriptor> bound;
  for (int s = 0; s < count; ++s)
    bound.push_back(plan.bind({q[s], k[s], v[s], out[s], statistics[s], workspace}));

  Subject subject;
  subject.operand_sets = count;
  subject.dtype = {{"a", "bf16"}, {"b", "bf16"}, {"out", "bf16"}, {"acc", "fp32"}};
  subject.layout = "batch, tokens, heads, width; causal";
  subject.includes = {"product", "mask", "softmax", "product"};
  subject.implementation.library = "cuDNN";
  subject.implementation.version = dotted_version(bench.run().cudnn);
  subject.implementation.algorithm = plan.engine();
  subject.enqueue = [&](cudaStream_t stream, int launch) {
    library.require(library.set_stream(handle.get(), stream));
    plan.execute(bound[static_cast<std::size_t>(launch) % bound.size()]);
  };
  subject.error = [&] {
    subject.enqueue(device.stream(), 0);
    return attention_error(device, a, {q[0], k[0], v[0], out[0]});
  };
  subject.tolerance = 0.05;  // weights are BF16 between the products
  bench.measure(point, subject);
}

}  // namespace tideline::profile

#else

namespace tideline::profile {

void run_mla_prefill(const Point&, Bench&) {
  throw Unavailable("this program was built without cuDNN");
}

}  // namespace tideline::profile

#endif
