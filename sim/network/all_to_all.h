// Time of the two all-to-alls of expert parallelism (dispatch and combine), in DeepEP's two modes, from link
// rates, message sizes, latency and one efficiency per mode fitted to the published H800 tables.
//
// Normal mode (prefill): one copy of a token per destination node over RDMA, forwarded inside the node by NVLink.
// Low-latency mode (decode): one message per token and expert, all over RDMA.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/base/units.h"
#include "sim/catalog/hardware.h"

namespace tideline::network {

struct AllToAllTime {
  Seconds dispatch, combine;
  double sigma = 0.0;  // of ln(time), one for both: how far the fit is from the tables
};

struct AllToAllLoad {
  double tokens = 0;            // per GPU, on the GPU that has most to send or receive
  std::int64_t gpus = 0;        // expert-parallel size
  std::int64_t experts_per_token = 8;
  double nodes_per_token = 0;   // normal mode: distinct destination nodes of a token, its own node included
  std::int64_t hidden = 7168;
  bool beside_compute = false;  // slowed by the compute kernels that share the GPU (normal mode; measured)
};

class AllToAll {
 public:
  static AllToAll load(const catalog::NodeType& node);
  [[nodiscard]] AllToAllTime normal(const AllToAllLoad& load) const;
  [[nodiscard]] AllToAllTime low_latency(const AllToAllLoad& load) const;

 private:
  struct Fitted;
  std::shared_ptr<const Fitted> fitted_;
};

}  // namespace tideline::network
