// Is the graph the machine that the records describe, and do routes and cuts come out of it?
#include "sim/network/topology.h"

#include <string>
#include <vector>

#include "sim/network/routes.h"
#include "tests/doctest.h"

namespace tideline::network {
namespace {

Topology make(std::int64_t gpus, const TopologyOptions& options = {}, double oversubscription = 1.0,
              std::int64_t nodes_per_leaf = 32) {
  catalog::Fabric fabric = catalog::load_fabric("rail-optimised-400g");
  fabric.oversubscription = oversubscription, fabric.nodes_per_leaf = nodes_per_leaf;
  return {catalog::load_node("h800-8"), fabric, gpus, options};
}

std::vector<std::string> names(const Topology& t, int from, int to, Path path) {
  std::vector<std::string> out;
  for (const int link : Routes(t).between(from, to, path)) out.push_back(t.link_name(link));
  return out;
}

using Names = std::vector<std::string>;

TEST_CASE("inside a node a message takes NVLink, or its NICs when it is RDMA") {
  const Topology t = make(16);
  CHECK(names(t, 1, 5, Path::kBest) == Names{"NVLink of GPU 1, out", "NVLink of GPU 5, in"});
  CHECK(names(t, 1, 5, Path::kRdma) == Names{"PCIe of GPU 1, out", "NIC of GPU 1, out", "leaf 1, up",
                                             "leaf 5, down", "NIC of GPU 5, in", "PCIe of GPU 5, in"});
  CHECK(names(t, 5, 5, Path::kBest).empty());
}

TEST_CASE("along a rail it stays under its leaf, while nodes hang on the same one") {
  CHECK(names(make(16), 1, 9, Path::kRdma) ==
        Names{"PCIe of GPU 1, out", "NIC of GPU 1, out", "NIC of GPU 9, in", "PCIe of GPU 9, in"});
  CHECK(names(make(16, {}, 1.0, 1), 1, 9, Path::kRdma) == Names{"PCIe of GPU 1, out", "NIC of GPU 1, out",
                                                                "leaf 1, up", "leaf 9, down",
                                                                "NIC of GPU 9, in", "PCIe of GPU 9, in"});
}

TEST_CASE("to another rail it goes through the spine, or over NVSwitch to the right rail: a stated choice") {
  CHECK(names(make(16), 1, 10, Path::kBest)[2] == "leaf 1, up");
  CHECK(names(make(16, {CrossRail::kNvswitch, {}}), 1, 10, Path::kBest) ==
        Names{"NVLink of GPU 1, out", "NVLink of GPU 2, in", "PCIe of GPU 2, out", "NIC of GPU 2, out",
              "NIC of GPU 10, in", "PCIe of GPU 10, in"});
}

TEST_CASE("latencies are the published ones, end to end") {
  const Topology t = make(16);
  const Routes routes(t);
  CHECK(routes.latency(1, 9, Path::kRdma).value() * 1e6 == doctest::Approx(2.8));
  CHECK(routes.latency(1, 10, Path::kRdma).value() * 1e6 == doctest::Approx(3.7));
  CHECK(routes.latency(1, 2, Path::kBest).value() * 1e6 == doctest::Approx(3.33));
  CHECK(t.latency_max(true).value() * 1e6 == doctest::Approx(3.7));
  CHECK(t.latency_max(false).value() * 1e6 == doctest::Approx(3.33));
  CHECK(make(16, {CrossRail::kNvswitch, {}}).latency_max(true).value() * 1e6 == doctest::Approx(2.8 + 3.33));
}

TEST_CASE("half of a unit sends to the other through its NICs; oversubscribed, through its uplinks") {
  const Cut whole = bisection(make(32));
  CHECK(whole.capacity.value() == doctest::Approx(16 * 50e9));
  CHECK(whole.links.size() == 16);
  const Topology t = make(32, {}, 2.0, 2);
  const Cut narrow = bisection(t);
  CHECK(narrow.capacity.value() == doctest::Approx(8 * 50e9));
  CHECK(t.link_name(narrow.links.front()).ends_with("up"));
}

TEST_CASE("a degraded NIC narrows the cut; inside one node NVLink and NICs add up") {
  TopologyOptions options;
  options.nic_factor.assign(32, 1.0);
  options.nic_factor[3] = 0.5;
  CHECK(bisection(make(32, options)).capacity.value() == doctest::Approx(15.5 * 50e9));
  CHECK(bisection(make(8)).capacity.value() == doctest::Approx(4 * 250e9));
}

TEST_CASE("units of 1 to 320 GPUs are whole graphs") {
  for (const int gpus : {1, 2, 8, 144, 320}) {
    const Topology t = make(gpus);
    CHECK(t.gpus() == gpus);
    CHECK(t.leaves() == (gpus <= 256 ? 8 : 16));
  }
}

}  // namespace
}  // namespace tideline::network
