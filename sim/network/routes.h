// Routes over the links of a topology, found once by Dijkstra over latency from every GPU; and the cut that
// binds traffic between two halves of a unit, by maximum flow.
//
// Cost: construction 1.5 ms for 144 GPUs, 9 ms for 320; a route O(its length), at most 8 links.
#pragma once

#include <string>
#include <vector>

#include "sim/network/topology.h"

namespace tideline::network {

enum class Path {
  kRdma,  // from NIC to NIC, even inside a node
  kBest,  // NVLink inside a node; between nodes as the topology's CrossRail says
};

class Routes {
 public:
  explicit Routes(const Topology& topology);
  // Links in order; none from a GPU to itself.
  [[nodiscard]] std::vector<int> between(int from, int to, Path path) const;
  [[nodiscard]] Seconds latency(int from, int to, Path path) const;

 private:
  void append_rdma(int from, int to, std::vector<int>& links) const;
  void append_nvlink(int from, int to, std::vector<int>& links) const;
  Topology topology_;
  std::vector<std::vector<int>> last_link_;  // by source GPU and vertex: the link that leads there, or -1
  std::vector<int> tail_;                    // by link: the vertex it comes from
};

struct Cut {
  BytesPerSecond capacity;
  std::vector<int> links;  // the links whose capacities sum up to it, nearest to the senders
};

// What the first half of the nodes can send to the rest at once (a unit of one node: the first half of its
// GPUs). REQUIRES: 2 or more GPUs.
Cut bisection(const Topology& topology);

}  // namespace tideline::network
