// Is the busiest port the whole truth? DeepEP's exchanges as flows on the graph, sharing max-min fairly,
// beside the port bound that sim/network/deep_ep.h takes.
#include <algorithm>
#include <vector>

#include "sim/network/deep_ep.h"
#include "sim/network/deep_ep_bench.h"
#include "sim/network/flows.h"
#include "sim/network/routes.h"
#include "tests/doctest.h"

namespace tideline::network {
namespace {

constexpr double kBytes = 7392.0;

catalog::Fabric fabric(double oversubscription = 1.0, std::int64_t nodes_per_leaf = 32) {
  catalog::Fabric f = catalog::load_fabric("rail-optimised-400g");
  f.oversubscription = oversubscription, f.nodes_per_leaf = nodes_per_leaf;
  return f;
}

// No start-up, no losses: what is left is the network.
DeepEp bare(const Topology& t) {
  return {t, DeepEpFit{}};
}

Seconds low_latency(const Topology& t, const std::vector<double>& messages, bool nvlink) {
  const ExchangeLoad load = low_latency_load(t, messages, nvlink);
  return bare(t).makespan(load, Kernel::kDispatch, kBytes) - t.latency_max(load.over_nics);
}

struct Shared {
  double makespan_s, bound_s;
};

// A flow from each GPU to each GPU; NVLink inside a node when asked.
Shared as_flows(const Topology& t, const std::vector<double>& messages, bool nvlink) {
  const Routes routes(t);
  std::vector<Flow> flows;
  for (int from = 0; from < t.gpus(); ++from)
    for (int to = 0; to < t.gpus(); ++to) {
      if (from == to) continue;
      const bool inside = nvlink && t.node_of(from) == t.node_of(to);
      const double n = messages[static_cast<std::size_t>(from * t.gpus() + to)];
      flows.push_back({routes.between(from, to, inside ? Path::kBest : Path::kRdma), n * kBytes});
    }
  const std::vector<double> ends = completion_times(t.links(), flows);
  return {*std::ranges::max_element(ends), link_bound(t.links(), flows)};
}

std::vector<double> even(int gpus, double messages) {
  return std::vector<double>(static_cast<std::size_t>(gpus * gpus), messages);
}

TEST_CASE("an all-to-all on an ideal fat tree takes bytes over bandwidth") {
  const Topology t(catalog::load_node("h800-8"), fabric(1.0, 2), 32);
  const double expected = 31 * 32.0 * kBytes / 50e9;
  CHECK(as_flows(t, even(32, 32.0), false).makespan_s == doctest::Approx(expected).epsilon(1e-9).scale(0.0));
  CHECK(low_latency(t, even(32, 32.0), false).value() == doctest::Approx(expected).epsilon(1e-9).scale(0.0));
}

TEST_CASE("with its latency an exchange is bytes over bandwidth and the longest route, whatever binds it") {
  const catalog::NodeType h800 = catalog::load_node("h800-8");
  const auto whole = [](const Topology& t, double messages, bool nvlink) {
    const ExchangeLoad load = low_latency_load(t, even(t.gpus(), messages), nvlink);
    return bare(t).makespan(load, Kernel::kDispatch, kBytes).value();
  };
  CHECK(whole({h800, fabric(), 32}, 32, false) ==
        doctest::Approx(3.7e-6 + 31 * 32 * kBytes / 50e9).epsilon(1e-9).scale(0.0));
  CHECK(whole({h800, fabric(), 8}, 128, true) ==
        doctest::Approx(3.33e-6 + 7 * 128 * kBytes / 200e9).epsilon(1e-9).scale(0.0));
  TopologyOptions degraded;
  degraded.nic_factor.assign(32, 1.0), degraded.nic_factor[5] = 0.25;
  CHECK(whole({h800, fabric(), 32, degraded}, 32, false) ==
        doctest::Approx(3.7e-6 + 31 * 32 * kBytes / (50e9 / 4)).epsilon(1e-9).scale(0.0));
  // Two GPUs under a leaf send to 30 that are not: their two NICs over 4 is the uplink.
  CHECK(whole({h800, fabric(4.0, 2), 32}, 32, false) ==
        doctest::Approx(3.7e-6 + 2 * 30 * 32 * kBytes / (2 * 50e9 / 4)).epsilon(1e-9).scale(0.0));
}

TEST_CASE("balanced exchanges: max-min flows take exactly as long as the busiest port") {
  for (const bool nvlink : {false, true})
    for (const int gpus : {8, 16, 64}) {
      CAPTURE(gpus);
      CAPTURE(nvlink);
      const Topology t(catalog::load_node("h800-8"), fabric(), gpus);
      const auto messages = even(gpus, 1024.0 / gpus);
      CHECK(low_latency(t, messages, nvlink).value() ==
            doctest::Approx(as_flows(t, messages, nvlink).makespan_s).epsilon(1e-9).scale(0.0));
    }
}

TEST_CASE("a degraded rail and oversubscribed uplinks, balanced: exact too") {
  TopologyOptions degraded;
  degraded.nic_factor.assign(32, 1.0);
  for (int node = 0; node < 4; ++node) degraded.nic_factor[static_cast<std::size_t>(8 * node + 3)] = 0.5;
  for (const double oversubscription : {1.0, 2.0, 4.0}) {
    CAPTURE(oversubscription);
    const Topology t(catalog::load_node("h800-8"), fabric(oversubscription, 2), 32, degraded);
    const Shared shared = as_flows(t, even(32, 32.0), false);
    CHECK(low_latency(t, even(32, 32.0), false).value() ==
          doctest::Approx(shared.makespan_s).epsilon(1e-9).scale(0.0));
    const Topology whole(catalog::load_node("h800-8"), fabric(), 32);
    CHECK(shared.makespan_s >= 1.99 * as_flows(whole, even(32, 32.0), false).makespan_s);
  }
}

// The flows of DeepEP's own test, drawn at random. Max-min lets a flow between two busy ports fall behind, so
// that it can be later than the busiest port, never earlier.
TEST_CASE("drawn exchanges: max-min flows are within 2 % of the busiest link") {
  for (const double oversubscription : {1.0, 2.0})
    for (const int gpus : {8, 16, 32}) {
      const Topology t(catalog::load_node("h800-8"), fabric(oversubscription, 2), gpus);
      for (std::uint64_t n = 0; n < 3; ++n)
        for (const bool nvlink : {false, true}) {
          CAPTURE(gpus);
          CAPTURE(nvlink);
          CAPTURE(oversubscription);
          const auto messages = draw_messages(gpus, 128, 8, 256, n);
          const Shared shared = as_flows(t, messages, nvlink);
          CHECK(low_latency(t, messages, nvlink).value() ==
                doctest::Approx(shared.bound_s).epsilon(1e-9).scale(0.0));
          CHECK(shared.makespan_s >= shared.bound_s * (1 - 1e-9));
          CHECK(shared.makespan_s <= shared.bound_s * 1.02);
        }
    }
}

TEST_CASE("normal mode, balanced: rails as flows take as long as the busiest NIC") {
  const Topology t(catalog::load_node("h800-8"), fabric(), 32);
  const Routes routes(t);
  std::vector<Flow> flows;
  for (int from = 0; from < 32; ++from)
    for (int node = 0; node < 4; ++node)
      if (node != t.node_of(from))
        flows.push_back({routes.between(from, 8 * node + t.rail_of(from), Path::kRdma), 4096 * 0.9 * kBytes});
  const ExchangeLoad load = balanced_normal(t, 4096, 3.6, 7.0);
  const std::vector<double> ends = completion_times(t.links(), flows);
  CHECK((bare(t).makespan(load, Kernel::kDispatch, kBytes) - t.latency_max(true)).value() ==
        doctest::Approx(*std::ranges::max_element(ends)).epsilon(1e-9).scale(0.0));
}

TEST_CASE("more bandwidth on any kind of link never makes a balanced exchange longer") {
  const auto messages = even(32, 32.0);
  for (const bool nvlink : {false, true}) {
    catalog::NodeType node = catalog::load_node("h800-8");
    const double usual = as_flows(Topology(node, fabric(2.0, 2), 32), messages, nvlink).makespan_s;
    CHECK(as_flows(Topology(node, fabric(1.5, 2), 32), messages, nvlink).makespan_s <= usual * (1 + 1e-12));
    node.nic = node.nic * 1.5;
    CHECK(as_flows(Topology(node, fabric(2.0, 2), 32), messages, nvlink).makespan_s <= usual * (1 + 1e-12));
    node.nvlink = node.nvlink * 1.5;
    CHECK(as_flows(Topology(node, fabric(2.0, 2), 32), messages, nvlink).makespan_s <= usual * (1 + 1e-12));
  }
}

}  // namespace
}  // namespace tideline::network
