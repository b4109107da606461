// Laws that every all-to-all of every unit must keep, on random units: exact, GPU by GPU.
#include <algorithm>
#include <functional>
#include <numeric>

#include "sim/step/exchanges.h"
#include "tests/doctest.h"
#include "tests/swarm/random_unit.h"

namespace tideline::swarm {
namespace {

using step::Unit;
constexpr std::uint64_t kUnits = 14;

// When each GPU is done with a dispatch and with a combine, GPUs coming to it as they may.
struct Ends {
  std::vector<double> dispatch, combine;
};

Ends ends(const Unit& unit, const std::vector<double>& tokens, const step::ExpertTraffic& traffic,
          const std::vector<double>& ready) {
  const step::Exchanges exchanges(unit);
  const step::Exchange e = exchanges.exchange(tokens, traffic);
  Ends out;
  exchanges.ends(e, false, ready, out.dispatch);
  exchanges.ends(e, true, ready, out.combine);
  return out;
}

std::vector<double> random_ready(std::uint64_t n, std::size_t gpus) {
  Dice dice(n + 1'000'000);
  std::vector<double> ready(gpus);
  for (double& r : ready) r = dice.between(0.0, 100e-6);
  return ready;
}

double last(const std::vector<double>& ends) {
  return *std::ranges::max_element(ends);
}

bool no_later(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return x <= y; });
}

TEST_CASE("more bandwidth on any kind of link: no GPU is done later") {
  const std::initializer_list<std::function<void(Unit&)>> kFaster = {
      [](Unit& u) { u.node.nic = u.node.nic * 1.1; }, [](Unit& u) { u.node.nvlink = u.node.nvlink * 1.1; },
      [](Unit& u) { u.node.pcie = u.node.pcie * 1.1; },
      [](Unit& u) { u.fabric.oversubscription = std::max(1.0, u.fabric.oversubscription / 1.1); },
      [](Unit& u) {
        for (double& share : u.nic_shares) share = std::min(1.0, share * 1.1);
      }};
  for_numbers(kUnits, [&](std::uint64_t n) {
    const RandomUnit r = random_unit(n);
    TELL(n, r);
    const step::ExpertTraffic to = traffic(r.unit, r.tokens);
    const std::vector<double> ready = random_ready(n, r.tokens.size());
    const Ends usual = ends(r.unit, r.tokens, to, ready);
    for (const auto& improve : kFaster) {
      Unit faster = r.unit;
      improve(faster);
      const Ends sooner = ends(faster, r.tokens, to, ready);
      CHECK(no_later(sooner.dispatch, usual.dispatch));
      CHECK(no_later(sooner.combine, usual.combine));
    }
  });
}

TEST_CASE("who comes later is not done sooner, and makes nobody else sooner") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    const RandomUnit r = random_unit(n);
    TELL(n, r);
    const step::ExpertTraffic to = traffic(r.unit, r.tokens);
    std::vector<double> ready = random_ready(n, r.tokens.size());
    const Ends usual = ends(r.unit, r.tokens, to, ready);
    ready[n % ready.size()] += 50e-6;
    const Ends later = ends(r.unit, r.tokens, to, ready);
    CHECK(no_later(usual.dispatch, later.dispatch));
    CHECK(no_later(usual.combine, later.combine));
  });
}

// One message a token and expert, ports alike: the busiest port carries the mean or more. (Skew can help
// where ports are not alike: away from a degraded NIC, off the uplinks of a smaller group of nodes.)
TEST_CASE("low latency, ports alike: perfect balance is never slower than skew") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    RandomUnit r = random_unit(n, {.whole = true});
    if (r.unit.phase != step::Phase::kDecode) return;
    TELL(n, r);
    std::ranges::fill(r.tokens, r.tokens[0]);
    const std::vector<double> ready(r.tokens.size(), 0.0);
    const Unit even = balanced(r.unit);
    const Ends skewed = ends(r.unit, r.tokens, traffic(r.unit, r.tokens), ready);
    const Ends level = ends(even, r.tokens, traffic(even, r.tokens), ready);
    CHECK(last(level.dispatch) <= last(skewed.dispatch) * (1 + 1e-9));
    CHECK(last(level.combine) <= last(skewed.combine) * (1 + 1e-9));
  });
}

// A copy a node and GPU: skew sends fewer of them, to fewer places. As many of them, spread evenly, are no
// later.
TEST_CASE("normal mode, ports alike: the same copies spread evenly are never slower") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    RandomUnit r = random_unit(n, {.counted = true, .whole = true});
    if (r.unit.phase != step::Phase::kPrefill) return;
    TELL(n, r);
    std::ranges::fill(r.tokens, r.tokens[0]);
    const std::vector<double> ready(r.tokens.size(), 0.0);
    const step::ExpertTraffic skewed = traffic(r.unit, r.tokens);
    step::ExpertTraffic even = skewed;
    for (auto* v : {&even.received, &even.received_by_node})
      std::ranges::fill(*v, std::accumulate(v->begin(), v->end(), 0.0) / static_cast<double>(v->size()));
    const Ends a = ends(r.unit, r.tokens, even, ready), b = ends(r.unit, r.tokens, skewed, ready);
    CHECK(last(a.dispatch) <= last(b.dispatch) * (1 + 1e-9));
    CHECK(last(a.combine) <= last(b.combine) * (1 + 1e-9));
  });
}

TEST_CASE("one node that needs no RDMA: nothing on the NICs, and neither they nor the fabric matter") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    const RandomUnit r = random_unit(n, {.counted = true, .nodes = 1});
    if (r.unit.phase == step::Phase::kDecode && !r.unit.nvlink_in_node) return;
    TELL(n, r);
    const step::ExpertTraffic to = traffic(r.unit, r.tokens);
    const step::Exchange e = step::Exchanges(r.unit).exchange(r.tokens, to);
    for (const auto& port : {e.ports.nic_out, e.ports.nic_in, e.ports.leaf_up, e.ports.leaf_down})
      CHECK(std::ranges::all_of(port, [](double copies) { return copies == 0.0; }));
    const std::vector<double> ready = random_ready(n, r.tokens.size());
    Unit other = r.unit;
    other.node.nic = other.node.nic * 0.01;
    other.fabric.oversubscription = 100.0, other.fabric.cross_leaf_latency = Seconds(1.0);
    other.nic_shares.assign(8, 0.01);
    const Ends usual = ends(r.unit, r.tokens, to, ready), same = ends(other, r.tokens, to, ready);
    CHECK(usual.dispatch == same.dispatch);
    CHECK(usual.combine == same.combine);
  });
}

TEST_CASE("twice every bandwidth and half of every latency is half the time") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    const RandomUnit r = random_unit(n, {.counted = true});
    TELL(n, r);
    const network::DeepEpFit fit = network::load_deep_ep_fit("h800-8", r.unit.all_to_all);
    network::DeepEpFit quick = fit;
    for (network::KernelFit* k : {&quick.dispatch, &quick.combine})
      k->low_latency_start = k->low_latency_start / 2.0, k->normal_start = k->normal_start / 2.0;
    Unit fast = r.unit;
    for (BytesPerSecond* rate : {&fast.node.nic, &fast.node.nvlink, &fast.node.pcie}) *rate = *rate * 2.0;
    for (Seconds* latency :
         {&fast.node.nvlink_latency, &fast.fabric.same_leaf_latency, &fast.fabric.cross_leaf_latency})
      *latency = *latency / 2.0;
    const auto net = [&](const Unit& u, const network::DeepEpFit& f) {
      return network::DeepEp(network::Topology(u.node, u.fabric, u.gpus(), {.nic_factor = u.nic_shares}), f);
    };
    const step::Exchange e = step::Exchanges(r.unit).exchange(r.tokens, traffic(r.unit, r.tokens));
    for (const bool beside : {false, true})
      CHECK(net(fast, quick).makespan(e.ports, network::Kernel::kDispatch, 7392.0, beside) * 2.0 ==
            net(r.unit, fit).makespan(e.ports, network::Kernel::kDispatch, 7392.0, beside));
  });
}

// Nodes in another order, each with its NICs as they are.
TEST_CASE("balanced traffic: the order of the nodes changes nothing") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    RandomUnit r = random_unit(n);
    TELL(n, r);
    std::ranges::fill(r.tokens, r.tokens[0]);
    Unit unit = balanced(r.unit), reversed = unit;
    for (std::size_t g = 0; g < unit.nic_shares.size(); ++g)
      reversed.nic_shares[unit.nic_shares.size() - 8 * (g / 8 + 1) + g % 8] = unit.nic_shares[g];
    const std::vector<double> ready(r.tokens.size(), 0.0);
    const step::ExpertTraffic to = traffic(unit, r.tokens);
    const Ends a = ends(unit, r.tokens, to, ready), b = ends(reversed, r.tokens, to, ready);
    CHECK(last(a.dispatch) == testing::about(last(b.dispatch), 1e-12));
    CHECK(last(a.combine) == testing::about(last(b.combine), 1e-12));
  });
}

}  // namespace
}  // namespace tideline::swarm
