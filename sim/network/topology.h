// The network of one deployment unit as a graph: GPUs, NVSwitches, NICs, one leaf switch per rail and group
// of nodes, and a spine; capacity and latency stand on the links. NIC i of every node hangs on rail i.
//
//   GPU <-> NVSwitch        NVLink, one direction each
//   GPU <-> NIC             PCIe
//   NIC <-> leaf            the NIC's rate, times its factor when the rail is degraded
//   leaf <-> spine          what its nodes' NICs sum up to, over the oversubscription
//
// 1. Links are directed and numbered from 0: six a GPU, then two a leaf. A number never changes its meaning.
// 2. The spine is one vertex: it stands for a non-blocking stage, so that only the uplinks can be short.
// 3. A unit of one node has NICs and leaves all the same; nothing need use them.
//
// Source: models/node and models/fabric (latencies end to end: half on each of the two NIC or NVLink links,
// what crossing leaves adds on the two uplinks).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/catalog/hardware.h"

namespace tideline::network {

struct Link {
  double capacity_Bps = 0.0, latency_s = 0.0;
};

// How a message gets to another rail of another node.
enum class CrossRail {
  kSpine,     // from the own NIC through the spine: what "pure RDMA" needs, so the default
  kNvswitch,  // over NVLink to the GPU on the right rail, then along it: planes that do not meet
};

struct TopologyOptions {
  CrossRail cross_rail = CrossRail::kSpine;
  std::vector<double> nic_factor;  // of each GPU's NIC rate, above 0; empty: all 1
};

class Topology {
 public:
  struct Graph;  // sim/network/topology_graph.h, for routes and cuts

  // REQUIRES: 1 or more GPUs, whole nodes unless there is only one; a factor above 0 for each GPU, or none.
  Topology(const catalog::NodeType& node, const catalog::Fabric& fabric, std::int64_t gpus,
           const TopologyOptions& options = {});

  [[nodiscard]] int gpus() const { return gpus_; }
  [[nodiscard]] int nodes() const { return (gpus_ + gpus_per_node_ - 1) / gpus_per_node_; }
  [[nodiscard]] int gpus_per_node() const { return gpus_per_node_; }
  [[nodiscard]] int leaves() const { return leaf_groups_ * gpus_per_node_; }
  [[nodiscard]] int node_of(int gpu) const { return gpu / gpus_per_node_; }
  [[nodiscard]] int rail_of(int gpu) const { return gpu % gpus_per_node_; }
  [[nodiscard]] int group_of(int gpu) const { return node_of(gpu) / nodes_per_leaf_; }
  [[nodiscard]] int leaf_of(int gpu) const { return group_of(gpu) * gpus_per_node_ + rail_of(gpu); }
  [[nodiscard]] int nodes_per_leaf() const { return nodes_per_leaf_; }
  [[nodiscard]] CrossRail cross_rail() const { return cross_rail_; }

  [[nodiscard]] std::span<const Link> links() const { return links_; }
  [[nodiscard]] static int nvlink_out(int gpu) { return 6 * gpu; }
  [[nodiscard]] static int nvlink_in(int gpu) { return 6 * gpu + 1; }
  [[nodiscard]] static int pcie_out(int gpu) { return 6 * gpu + 2; }
  [[nodiscard]] static int pcie_in(int gpu) { return 6 * gpu + 3; }
  [[nodiscard]] static int nic_out(int gpu) { return 6 * gpu + 4; }
  [[nodiscard]] static int nic_in(int gpu) { return 6 * gpu + 5; }
  [[nodiscard]] int leaf_up(int leaf) const { return 6 * gpus_ + 2 * leaf; }
  [[nodiscard]] int leaf_down(int leaf) const { return 6 * gpus_ + 2 * leaf + 1; }
  // "NIC of GPU 9, out", "leaf 3, up".
  [[nodiscard]] std::string link_name(int link) const;

  // Can the uplinks be what binds an exchange of this unit? If not, ports decide alone.
  [[nodiscard]] bool oversubscribed() const { return oversubscribed_; }
  // Of the longest route between two GPUs, inside a node by NVLink or over the NICs.
  [[nodiscard]] Seconds latency_max(bool over_nics) const;
  [[nodiscard]] const Graph& graph() const { return *graph_; }

 private:
  int gpus_, gpus_per_node_, nodes_per_leaf_, leaf_groups_;
  CrossRail cross_rail_;
  bool oversubscribed_;
  std::vector<Link> links_;
  std::shared_ptr<const Graph> graph_;
};

}  // namespace tideline::network
