// Time of the two all-to-alls of expert parallelism (dispatch and combine), in DeepEP's two modes: what a GPU
// sends over the rate of its link, times an efficiency by size fitted to DeepEP's tables of February 2025.
//
// Low latency (decode): one message per token and expert, all over the NIC, even inside a node.
//   t = start + tokens * experts_per_token * (1 - 1/gpus) * bytes / (nic * efficiency(gpus))
// Normal (prefill): one copy of a token per destination node over the NIC, forwarded inside it by NVLink.
//   t = tokens * nodes_per_token * bytes / (nic * efficiency(nodes)), the copy for the own node counted too
//   inside one node: t = tokens * gpus_per_token * bytes / (nvlink * efficiency)
// Bytes: sim/network/efficiency.h. Fitted: calib/fitted/<node>.json, by calib/fit/all_to_all.cpp, with what
// is assumed and the residual of each published row.
//
// Error: rows left out of the fit: low latency 2 %, normal 5 %. More at few tokens in low latency, where the
// start-up time decides, which is assumed to hold from an H100 table; sigma says how much. 8 % more beside
// compute: the spread of the trace. Normal mode has no start-up term: under some 500 tokens per GPU it is
// short by up to 0.1 ms. Loads are balanced, and barriers that wait for a slower GPU are not in these times.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/base/units.h"
#include "sim/catalog/hardware.h"
#include "sim/network/routing.h"

namespace tideline::network {

struct AllToAllTime {
  Seconds dispatch, combine;
  double sigma = 0.0;  // of ln(time), the larger of the two: the fit's, and what is assumed
};

struct AllToAllLoad {
  double tokens = 0;      // per GPU, on the GPU that has most to send or receive
  std::int64_t gpus = 0;  // expert-parallel size
  std::int64_t experts_per_token = 8;
  double nodes_per_token = 0;  // normal mode: distinct destination nodes of a token, its own node included
  std::int64_t hidden = 7168;
  bool beside_compute = false;  // slowed by the compute kernels that share the GPU (normal mode; measured)
  double gpus_per_token = 0;  // normal mode inside one node: distinct GPUs; 0: of experts drawn independently
};

class AllToAll {
 public:
  // A node without a fitted file: the efficiencies and start-up times of h800-8 at the node's own rates.
  static AllToAll load(const catalog::NodeType& node);

  // One GPU exchanges nothing, in no time. Without tokens, low latency still takes its start-up time.
  // REQUIRES: normal mode over several nodes: nodes_per_token > 0.
  [[nodiscard]] AllToAllTime normal(const AllToAllLoad& load) const;
  [[nodiscard]] AllToAllTime low_latency(const AllToAllLoad& load) const;

 private:
  struct Fitted;
  std::shared_ptr<const Fitted> fitted_;
};

}  // namespace tideline::network
