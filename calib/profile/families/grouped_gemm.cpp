// Products of the experts: one cuBLASLt product each, on four streams that fork from one and join again,
// captured in a graph. What DeepGEMM does in one launch is faster: these are upper bounds, and their layout
// says so.
#include <algorithm>
#include <memory>

#include "calib/profile/block_scales.h"
#include "calib/profile/cuda/matmul.h"
#include "calib/profile/families/check_product.h"
#include "calib/profile/families/families.h"

namespace tideline::profile {
namespace {

// One expert's product at few rows has some 32 tiles, a quarter of the SMs.
constexpr int kStreams = 4;
constexpr int kAlgorithmsTried = 4;
constexpr std::int64_t kWorkspace = std::int64_t{32}
                                    << 20;  // one a stream: concurrent products must not share

// Streams that take up work where one stream is and bring it back there. The events become edges of a graph.
class Fork {
 public:
  Fork() {
    for (int i = 0; i < kStreams; ++i) {
      cudaStream_t stream = nullptr;
      require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
      streams_.emplace_back(stream, [](cudaStream_t s) { cudaStreamDestroy(s); });
      joined_.push_back(event());
    }
    forked_ = event();
  }
  void split(cudaStream_t from) const {
    require(cudaEventRecord(forked_.get(), from));
    for (const auto& stream : streams_) require(cudaStreamWaitEvent(stream.get(), forked_.get(), 0));
  }
  void join(cudaStream_t to) const {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      require(cudaEventRecord(joined_[i].get(), streams_[i].get()));
      require(cudaStreamWaitEvent(to, joined_[i].get(), 0));
    }
  }
  [[nodiscard]] cudaStream_t at(int i) const {
    return streams_[static_cast<std::size_t>(i % kStreams)].get();
  }

 private:
  using Event = std::shared_ptr<CUevent_st>;
  static Event event() {
    cudaEvent_t made = nullptr;
    require(cudaEventCreateWithFlags(&made, cudaEventDisableTiming));
    return {made, [](cudaEvent_t e) { cudaEventDestroy(e); }};
  }
  std::vector<std::shared_ptr<CUstream_st>> streams_;
  std::vector<Event> joined_;
  Event forked_;
};

}  // namespace

void run_grouped_gemm(const Point& point, Bench& bench) {
  const std::int64_t groups = point.at("groups"), m = point.at("rows") / groups, n = point.at("n"),
                     k = point.at("k");
  Device& device = bench.device();
  const MatmulShape shape{.m = m, .n = n, .k = k, .fp8 = true};
  const int count = device.sets_of(point.bytes);
  std::vector<std::vector<Operands>> sets;  // [set][expert]
  for (int s = 0; s < count; ++s) {
    const int experts = static_cast<int>(groups);
    const Rotating<Fp8> x = device.random<Fp8>(experts, m * k, -2, 2),
                        w = device.random<Fp8>(experts, n * k, -2, 2);
    const Rotating<float> x_scales = device.random<float>(experts, row_scales(m, k).floats(), 0.005f, 0.02f);
    const Rotating<float> w_scales =
        device.random<float>(experts, block_scales(n, k).floats(), 0.005f, 0.02f);
    const Rotating<Bf16> y = device.arrays<Bf16>(experts, m * n);
    sets.emplace_back();
    for (int e = 0; e < experts; ++e)
      sets.back().push_back(
          {.w = w[e], .x = x[e], .y = y[e], .w_scales = w_scales[e], .x_scales = x_scales[e]});
  }
  std::vector<Matmul::Workspace> workspaces;
  for (int i = 0; i < kStreams; ++i)
    workspaces.push_back({device.take(kWorkspace), static_cast<std::size_t>(kWorkspace)});

  const Matmul product(bench.cublaslt(), shape, point.sms, workspaces[0].bytes, workspaces[0].memory);
  const Fork fork;
  const auto way = [&](int algorithm) -> Enqueue {
    return [&, algorithm](cudaStream_t stream, int launch) {
      const std::vector<Operands>& experts = sets[static_cast<std::size_t>(launch) % sets.size()];
      fork.split(stream);
      for (int e = 0; e < static_cast<int>(experts.size()); ++e)
        product.enqueue(algorithm, experts[static_cast<std::size_t>(e)],
                        workspaces[static_cast<std::size_t>(e % kStreams)], fork.at(e));
      fork.join(stream);
    };
  };
  const int best = bench.fastest(std::min(kAlgorithmsTried, product.algorithms()), way);
  Subject subject;
  subject.enqueue = way(best);
  subject.operand_sets = count;
  subject.dtype = {{"a", "e4m3"},
                   {"b", "e4m3"},
                   {"out", "bf16"},
                   {"acc", "fp32"},
                   {"scale_a", "fp32 1x128"},
                   {"scale_b", "fp32 128x128"}};
  subject.layout = "experts apart, equal rows; a product each on four streams: upper bound";
  subject.includes = {"product", "fork", "join"};  // so that no fit takes the bound for the product alone
  subject.implementation = product.describe(best);
  subject.cold_as_graph = true;
  subject.error = [&] {
    subject.enqueue(device.stream(), 0);
    return std::max(product_error(device, shape, sets[0].front()),
                    product_error(device, shape, sets[0].back()));
  };
  bench.measure(point, subject);
}

}  // namespace tideline::profile
