// One pair of all-to-alls (dispatch, combine) of a decode unit of 144 GPUs: load counted anew, times of every
// GPU. A step has 58 layers of two micro-batches: 116 such pairs.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "sim/network/deep_ep.h"
#include "sim/network/deep_ep_bench.h"
#include "sim/network/efficiency.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

using namespace network;

constexpr int kGpus = 144, kPairs = 116;
constexpr std::int64_t kExperts = 288;  // 256 and 32 redundant ones: 2 on each GPU

DeepEp unit() {
  return {Topology(catalog::load_node("h800-8"), catalog::load_fabric("rail-optimised-400g"), kGpus),
          load_deep_ep_fit("h800-8", "v1-2025-02")};
}

template <class Load>
Result time_pairs(Load load_of) {
  const DeepEp net = unit();
  ExchangeTimes dispatch, combine;
  double sum = 0.0;
  const Result result = time_of(kPairs, 9, [&] {
    for (int pair = 0; pair < kPairs; ++pair) {
      ExchangeLoad load = load_of(net.topology(), pair);
      net.times(load, Kernel::kDispatch, dispatch_bytes(7168), false, {}, dispatch);
      net.times(std::move(load).reversed(), Kernel::kCombine, combine_bytes(7168), false, dispatch.arrived_s,
                combine);
      sum += combine.done_s;
    }
  });
  CHECK(sum > 0.0, "exchanges took no time");
  return result;
}

}  // namespace

Result exchange_shares() {
  std::vector<double> sent(kGpus, 1024.0), share(kGpus, 1.0 / kGpus);
  return time_pairs([&](const Topology& t, int pair) {
    share[static_cast<std::size_t>(pair)] *= 1.0001;
    return low_latency_load(t, sent, share, false);
  });
}

Result exchange_matrix() {
  const std::vector<double> messages = draw_messages(kGpus, 128, 8, kExperts, 0);
  return time_pairs([&](const Topology& t, int) { return low_latency_load(t, messages, false); });
}

}  // namespace tideline::bench
