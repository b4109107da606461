// Do exchanges end when the ports say, and does the world press on them the right way?
#include "sim/network/deep_ep.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/network/deep_ep_bench.h"
#include "sim/network/efficiency.h"
#include "tests/doctest.h"

namespace tideline::network {
namespace {

constexpr double kDispatch = dispatch_bytes(7168), kCombine = combine_bytes(7168);

DeepEp make(std::int64_t gpus, const TopologyOptions& options = {}, const std::string& node = "h800-8",
            double oversubscription = 1.0, std::int64_t nodes_per_leaf = 32) {
  catalog::Fabric fabric = catalog::load_fabric("rail-optimised-400g");
  fabric.oversubscription = oversubscription, fabric.nodes_per_leaf = nodes_per_leaf;
  return {Topology(catalog::load_node(node), fabric, gpus, options),
          load_deep_ep_fit("h800-8", "v1-2025-02")};
}

Seconds low(const DeepEp& net, double tokens = 128, bool nvlink = false) {
  return net.makespan(balanced_low_latency(net.topology(), tokens, 8, nvlink), Kernel::kDispatch, kDispatch);
}

Seconds normal(const DeepEp& net, double tokens = 4096, bool beside = false) {
  return net.makespan(normal_bench_load(net.topology(), static_cast<std::int64_t>(tokens)).reversed(),
                      Kernel::kCombine, kCombine, beside);
}

TEST_CASE("one GPU exchanges nothing; without tokens it takes the start-up time") {
  CHECK(low(make(1)) == Seconds(0.0));
  CHECK(low(make(144), 0.0) ==
        make(144).fit().dispatch.low_latency_start + make(144).topology().latency_max(true));
}

TEST_CASE("more tokens, more GPUs are never faster, a faster NIC is never slower") {
  for (const int gpus : {8, 16, 32, 64, 128, 256, 320})
    for (const double tokens : {1.0, 64.0, 128.0}) {
      CHECK(low(make(gpus), tokens + 1) > low(make(gpus), tokens));
      if (gpus < 320) CHECK(low(make(gpus + 8), tokens) > low(make(gpus), tokens));
    }
  CHECK(normal(make(64)) > normal(make(32)));
  CHECK(normal(make(32)) > normal(make(16)));
  for (const int gpus : {8, 16, 64}) {
    TopologyOptions faster;
    faster.nic_factor.assign(static_cast<std::size_t>(gpus), 1.2);
    CHECK(low(make(gpus, faster)) < low(make(gpus)));
    CHECK(normal(make(gpus, faster)) <= normal(make(gpus)));
  }
}

TEST_CASE("H100 nodes: NVLink inside is faster, the NICs are the same") {
  CHECK(low(make(8, {}, "h100-8"), 128, true) < low(make(8), 128, true));
  CHECK(low(make(144, {}, "h100-8")) == low(make(144)));
  CHECK(normal(make(8, {}, "h100-8")) < normal(make(8)));
}

TEST_CASE("in normal mode compute beside it slows it as in the training trace, in low latency not") {
  const DeepEp net = make(32);
  CHECK(normal(net, 4096, true) / normal(net) == testing::about(net.fit().combine.beside_compute));
  CHECK(net.fit().combine.beside_compute == testing::about(1.188, 0.001));
  const ExchangeLoad load = balanced_low_latency(net.topology(), 128, 8, false);
  CHECK(net.makespan(load, Kernel::kDispatch, kDispatch, true) == low(net));
}

TEST_CASE("a GPU that receives more is done later, the others with the slowest sender") {
  const DeepEp net = make(16);
  std::vector<double> sent(16, 1024.0), share(16, 1.0 / 17);
  share[5] = 2.0 / 17;
  ExchangeTimes times;
  net.times(low_latency_load(net.topology(), sent, share, false), Kernel::kDispatch, kDispatch, false, {},
            times);
  CHECK(times.arrived_s[5] == times.done_s);
  CHECK(net.bottleneck(low_latency_load(net.topology(), sent, share, false)).port == "NIC of GPU 5, in");
  for (const std::size_t g : {0U, 1U, 8U}) CHECK(times.arrived_s[g] == testing::about(times.sent_s[g]));
  CHECK(times.arrived_s[5] > 1.5 * times.arrived_s[0]);
}

TEST_CASE("who is ready late makes everybody late, by as much") {
  const DeepEp net = make(16);
  const ExchangeLoad load = balanced_low_latency(net.topology(), 128, 8, false);
  std::vector<double> ready(16, 0.0);
  ready[3] = 50e-6;
  ExchangeTimes on_time, late;
  net.times(load, Kernel::kDispatch, kDispatch, false, {}, on_time);
  net.times(load, Kernel::kDispatch, kDispatch, false, ready, late);
  for (std::size_t g = 0; g < 16; ++g)
    CHECK(late.arrived_s[g] - on_time.arrived_s[g] == testing::about(50e-6));
  CHECK(late.sent_s[0] == on_time.sent_s[0]);
}

TEST_CASE("a NIC at half its rate holds up all who hear from it; oversubscribed uplinks hold up everybody") {
  TopologyOptions options;
  options.nic_factor.assign(32, 1.0);
  options.nic_factor[9] = 0.5;
  const Seconds start = low(make(32), 0.0);
  CHECK((low(make(32, options)) - start) / (low(make(32)) - start) == testing::about(2.0));
  const DeepEp narrow = make(32, {}, "h800-8", 4.0, 2);
  CHECK(low(narrow) > 3.0 * low(make(32)));
  const Bottleneck uplink = narrow.bottleneck(balanced_low_latency(narrow.topology(), 128, 8, false));
  CHECK(uplink.port == "leaf 0, up");
  CHECK(uplink.alike == 2 * 16 - 1);  // both directions of two leaves a rail
}

TEST_CASE("beside a slow NIC skew may beat balance: what does not go there does not wait for it") {
  TopologyOptions options;
  options.nic_factor.assign(16, 1.0), options.nic_factor[9] = 0.5;
  const DeepEp net = make(16, options);
  std::vector<double> sent(16, 1024.0), share(16, 0.065);
  share[9] = 1.0 - 15 * 0.065, sent[9] = 512.0;
  const ExchangeLoad skewed = low_latency_load(net.topology(), sent, share, false);
  CHECK(net.makespan(skewed, Kernel::kDispatch, kDispatch) < low(net));
}

TEST_CASE("what binds normal mode: staging in February, then NVLink on two nodes and NICs on more") {
  const auto bottleneck = [](std::int64_t gpus, const std::string& version) {
    const DeepEp net(make(gpus).topology(), load_deep_ep_fit("h800-8", version));
    return net.bottleneck(normal_bench_load(net.topology(), 4096)).port;
  };
  CHECK(bottleneck(32, "v1-2025-02") == "staging of GPU 0");
  CHECK(bottleneck(16, "v1-2025-04") == "NVLink of GPU 0, out");
  CHECK(bottleneck(32, "v1-2025-04") == "NIC of GPU 0, out");
  CHECK(bottleneck(8, "v1-2025-02") == "NVLink of GPU 0, out");
}

TEST_CASE("a node that nobody measured takes the shares of h800-8, and the fit says whose they are") {
  const DeepEpFit h20 = load_deep_ep_fit("h20-8", "v1-2025-02");
  CHECK(h20.measured_on == "h800-8");
  CHECK(h20.low_latency_efficiency == load_deep_ep_fit("h800-8", "v1-2025-02").low_latency_efficiency);
  CHECK_THROWS_AS((void)load_deep_ep_fit("h800-8", "v3"), InputError);
}

}  // namespace
}  // namespace tideline::network
