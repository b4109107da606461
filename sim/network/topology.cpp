#include "sim/network/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "sim/base/check.h"
#include "sim/network/topology_graph.h"

namespace tideline::network {
namespace {

std::vector<Link> make_links(const Topology& t, const catalog::NodeType& node, const catalog::Fabric& fabric,
                             const std::vector<double>& nic_factor) {
  std::vector<Link> links;
  const double nvlink = node.nvlink.value(), nic = node.nic.value(), pcie = node.pcie.value();
  const double nvlink_half = node.nvlink_latency.value() / 2.0;
  const double half = fabric.same_leaf_latency.value() / 2.0;
  const double up_latency = (fabric.cross_leaf_latency - fabric.same_leaf_latency).value() / 2.0;
  for (int g = 0; g < t.gpus(); ++g) {
    const double rate = nic * (nic_factor.empty() ? 1.0 : nic_factor[static_cast<std::size_t>(g)]);
    for (const Link link : {Link{nvlink, nvlink_half}, Link{pcie, 0.0}, Link{rate, half}})
      links.insert(links.end(), 2, link);
  }
  // A leaf belongs to a group of nodes, of which the unit may fill a part: uplinks are shared out by nodes.
  for (int leaf = 0; leaf < t.leaves(); ++leaf) {
    const int group = leaf / t.gpus_per_node();
    const int nodes_on_it = std::min(t.nodes_per_leaf(), t.nodes() - group * t.nodes_per_leaf());
    links.insert(links.end(), 2, Link{nodes_on_it * nic / fabric.oversubscription, up_latency});
  }
  return links;
}

void fill_graph(const Topology& t, BoostGraph& graph) {
  for (int g = 0; g < t.gpus(); ++g) add_vertex({Place::kGpu, g}, graph);
  for (int g = 0; g < t.gpus(); ++g) add_vertex({Place::kNic, g}, graph);
  const auto vertex = [](int i) { return static_cast<std::size_t>(i); };
  const std::size_t switches = num_vertices(graph);
  for (int n = 0; n < t.nodes(); ++n) add_vertex({Place::kNvswitch, n}, graph);
  const std::size_t leaves = num_vertices(graph);
  for (int l = 0; l < t.leaves(); ++l) add_vertex({Place::kLeaf, l}, graph);
  const std::size_t spine = add_vertex({Place::kSpine, 0}, graph);
  const auto join = [&](std::size_t a, std::size_t b, int out, int in) {
    const auto links = t.links();
    add_edge(a, b, EdgeInfo{out, links[vertex(out)].latency_s}, graph);
    add_edge(b, a, EdgeInfo{in, links[vertex(in)].latency_s}, graph);
  };
  for (int g = 0; g < t.gpus(); ++g) {
    const std::size_t gpu = vertex(g), nic = vertex(t.gpus() + g);
    join(gpu, switches + vertex(t.node_of(g)), Topology::nvlink_out(g), Topology::nvlink_in(g));
    join(gpu, nic, Topology::pcie_out(g), Topology::pcie_in(g));
    join(nic, leaves + vertex(t.leaf_of(g)), Topology::nic_out(g), Topology::nic_in(g));
  }
  for (int l = 0; l < t.leaves(); ++l) join(leaves + vertex(l), spine, t.leaf_up(l), t.leaf_down(l));
}

}  // namespace

Topology::Topology(const catalog::NodeType& node, const catalog::Fabric& fabric, std::int64_t gpus,
                   const TopologyOptions& options)
    : gpus_(static_cast<int>(gpus)),
      gpus_per_node_(static_cast<int>(node.gpus)),
      nodes_per_leaf_(static_cast<int>(fabric.nodes_per_leaf)),
      leaf_groups_((nodes() + nodes_per_leaf_ - 1) / nodes_per_leaf_),
      cross_rail_(options.cross_rail),
      oversubscribed_(fabric.oversubscription > 1.0) {
  CHECK(gpus >= 1 && (gpus < node.gpus || gpus % node.gpus == 0), "{} GPUs on nodes of {}", gpus, node.gpus);
  CHECK(options.nic_factor.empty() || options.nic_factor.size() == static_cast<std::size_t>(gpus),
        "{} NIC factors for {} GPUs", options.nic_factor.size(), gpus);
  for (const double factor : options.nic_factor) CHECK(factor > 0.0, "a NIC at {} of its rate", factor);
  links_ = make_links(*this, node, fabric, options.nic_factor);
  const auto graph = std::make_shared<Graph>();
  fill_graph(*this, graph->boost);
  graph_ = graph;
}

std::string Topology::link_name(int link) const {
  constexpr std::array kNames = {"NVLink of GPU {}, out", "NVLink of GPU {}, in", "PCIe of GPU {}, out",
                                 "PCIe of GPU {}, in",    "NIC of GPU {}, out",   "NIC of GPU {}, in"};
  CHECK(link >= 0 && link < static_cast<int>(links_.size()), "link {} of {}", link, links_.size());
  if (link < 6 * gpus_)
    return fmt::format(fmt::runtime(kNames[static_cast<std::size_t>(link % 6)]), link / 6);
  const int rest = link - 6 * gpus_;
  return fmt::format("leaf {}, {}", rest / 2, rest % 2 == 0 ? "up" : "down");
}

Seconds Topology::latency_max(bool over_nics) const {
  const auto latency = [&](int link) { return links_[static_cast<std::size_t>(link)].latency_s; };
  const double nvlink = latency(nvlink_out(0)) + latency(nvlink_in(0));
  if (!over_nics) return Seconds(nvlink);
  const double under_leaf = latency(nic_out(0)) + latency(nic_in(0));
  const double uplinks = latency(leaf_up(0)) + latency(leaf_down(0));
  const bool crosses = leaf_groups_ > 1 || (cross_rail_ == CrossRail::kSpine && gpus_per_node_ > 1);
  return Seconds(under_leaf + (crosses ? uplinks : 0.0) +
                 (cross_rail_ == CrossRail::kNvswitch ? nvlink : 0.0));
}

}  // namespace tideline::network
