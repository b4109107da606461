// Does every copy of a token reach the ports it passes, once?
#include "sim/network/exchange_load.h"

#include <numeric>
#include <vector>

#include "sim/network/deep_ep_bench.h"
#include "tests/doctest.h"

namespace tideline::network {
namespace {

Topology make(std::int64_t gpus, double oversubscription = 1.0, std::int64_t nodes_per_leaf = 32) {
  catalog::Fabric fabric = catalog::load_fabric("rail-optimised-400g");
  fabric.oversubscription = oversubscription, fabric.nodes_per_leaf = nodes_per_leaf;
  return {catalog::load_node("h800-8"), fabric, gpus};
}

double real(std::size_t i) {
  return static_cast<double>(i);
}

double sum(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0);
}

void same(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-9));
}

void same(const ExchangeLoad& a, const ExchangeLoad& b) {
  same(a.nic_out, b.nic_out), same(a.nic_in, b.nic_in), same(a.nvlink_out, b.nvlink_out);
  same(a.nvlink_in, b.nvlink_in), same(a.staged, b.staged);
  same(a.leaf_up, b.leaf_up), same(a.leaf_down, b.leaf_down);
}

TEST_CASE("low latency: what is sent is received, and nothing goes to the own GPU") {
  const auto messages = draw_messages(16, 128, 8, 256, 0);
  CHECK(sum(messages) == 16 * 128 * 8);
  double own = 0.0;
  for (std::size_t g = 0; g < 16; ++g) own += messages[g * 16 + g];
  for (const bool nvlink : {false, true}) {
    const ExchangeLoad load = low_latency_load(make(16), messages, nvlink);
    CHECK(sum(load.nic_out) + sum(load.nvlink_out) == doctest::Approx(16 * 128 * 8 - own));
    CHECK(sum(load.nic_in) == doctest::Approx(sum(load.nic_out)));
    CHECK(sum(load.nvlink_in) == doctest::Approx(sum(load.nvlink_out)));
    CHECK((sum(load.nvlink_out) > 0.0) == nvlink);
  }
}

TEST_CASE("low latency: shares give what the full matrix gives") {
  for (const bool nvlink : {false, true})
    for (const double oversubscription : {1.0, 2.0}) {
      const Topology t = make(16, oversubscription, 1);
      std::vector<double> sent(16), share(16), matrix(256);
      for (std::size_t g = 0; g < 16; ++g)
        sent[g] = 900.0 + 10.0 * real(g), share[g] = (1.0 + real(g)) / 136.0;
      for (std::size_t i = 0; i < 256; ++i) matrix[i] = sent[i / 16] * share[i % 16];
      same(low_latency_load(t, sent, share, nvlink), low_latency_load(t, matrix, nvlink));
    }
}

TEST_CASE("normal: shares give what the full matrices give") {
  for (const int gpus : {8, 16, 32}) {
    const Topology t = make(gpus, 2.0, 1);
    const auto n = static_cast<std::size_t>(gpus), nodes = n / 8;
    std::vector<double> tokens(n), node(nodes), gpu(n), copies(n * nodes), gpu_copies(n * n);
    for (std::size_t g = 0; g < n; ++g) tokens[g] = 4000.0 + 50.0 * real(g), gpu[g] = (1.0 + real(g)) / 40.0;
    for (std::size_t m = 0; m < nodes; ++m) node[m] = 0.5 + 0.1 * real(m);
    for (std::size_t i = 0; i < copies.size(); ++i) copies[i] = tokens[i / nodes] * node[i % nodes];
    for (std::size_t i = 0; i < gpu_copies.size(); ++i) gpu_copies[i] = tokens[i / n] * gpu[i % n];
    same(normal_load(t, tokens, node, gpu), normal_load(t, copies, gpu_copies));
  }
}

// 2 of 4 nodes, 3 of 32 GPUs: 1.5 copies leave the node, 2 are staged, 7/8 of the GPU copies cross NVLink.
TEST_CASE("normal: the own node's copy skips the NIC and is staged, the forwarder's own skips NVLink") {
  const ExchangeLoad load = balanced_normal(make(32), 1000, 2.0, 3.0);
  for (std::size_t g = 0; g < 32; ++g) {
    CHECK(load.nic_out[g] == doctest::Approx(1500));
    CHECK(load.nic_in[g] == doctest::Approx(1500));
    CHECK(load.staged[g] == doctest::Approx(2000));
    CHECK(load.nvlink_out[g] == doctest::Approx(2625));
    CHECK(load.nvlink_in[g] == doctest::Approx(2625));
  }
}

TEST_CASE("a unit of one node needs no RDMA in normal mode, nor with NVLink inside the node") {
  const ExchangeLoad normal = balanced_normal(make(8), 1000, 1.0, 5.0);
  CHECK_FALSE(normal.over_nics);
  CHECK(normal.staged.empty());
  CHECK(sum(normal.nic_out) == 0.0);
  CHECK(sum(normal.nvlink_out) == doctest::Approx(8 * 5000 * 7 / 8));
  CHECK_FALSE(balanced_low_latency(make(8), 128, 8, true).over_nics);
  CHECK(balanced_low_latency(make(8), 128, 8, false).over_nics);
}

TEST_CASE("combine is dispatch backwards") {
  const auto messages = draw_messages(16, 128, 8, 256, 1);
  const ExchangeLoad load = low_latency_load(make(16, 2.0, 1), messages, true), back = load.reversed();
  CHECK(back.nic_in == load.nic_out);
  CHECK(back.nvlink_out == load.nvlink_in);
  CHECK(back.leaf_up == load.leaf_down);
  same(back.reversed(), load);
}

}  // namespace
}  // namespace tideline::network
