// DeepEP's own benchmark, simulated: the tables of its README are times of this, so fit and validation
// compare with this and not with a balanced exchange. Experts are drawn at random, so some GPU receives more
// than others.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/deep_ep.h"

namespace tideline::network {

// (token, expert) pairs from each GPU to each GPU when every token chooses distinct experts uniformly, as
// DeepEP tests/test_low_latency.py does. A pure function of its arguments. REQUIRES: gpus divide the experts.
std::vector<double> draw_messages(std::int64_t gpus, std::int64_t tokens, std::int64_t experts_per_token,
                                  std::int64_t experts, std::uint64_t draw);

struct BenchTimes {
  Seconds dispatch, combine;
};

// tests/test_low_latency.py: kernels in a loop, dispatch then combine, each GPU at its own pace; the README
// prints the duration of a kernel, here the mean over GPUs and over 8 draws. A GPU that is done with dispatch
// early waits in combine, so dispatch shows a GPU's own share of the imbalance and combine the busiest one's.
BenchTimes low_latency_bench(const DeepEp& net, std::int64_t tokens, bool nvlink_in_node,
                             std::int64_t experts_per_token = 8, std::int64_t hidden = 7168);

// tests/test_internode.py and, with one node, test_intranode.py: 256 experts, a group a node of which 4 are
// chosen at most. Balanced: with 4096 tokens the busiest GPU receives 1 % more than the mean.
ExchangeLoad normal_bench_load(const Topology& topology, std::int64_t tokens);
BenchTimes normal_bench(const DeepEp& net, std::int64_t tokens, std::int64_t hidden = 7168);

}  // namespace tideline::network
