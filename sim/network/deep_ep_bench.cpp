#include "sim/network/deep_ep_bench.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/random.h"
#include "sim/network/efficiency.h"
#include "sim/network/routing.h"

namespace tideline::network {
namespace {

constexpr std::uint64_t kSeed = 1, kDraws = 8;
constexpr std::int64_t kExperts =
    256;  // README: top-8 of 256; the test's mask of 10 choices of 1024 is left out

struct Sums {
  double dispatch = 0.0, combine = 0.0;
};

// One turn of the loop on drawn messages, summed over GPUs.
Sums one_turn(const DeepEp& net, const ExchangeLoad& load, double hidden) {
  ExchangeTimes dispatch, combine;
  net.times(load, Kernel::kDispatch, dispatch_bytes(hidden), false, {}, dispatch);
  std::vector<double> ready(dispatch.sent_s.size());
  for (std::size_t g = 0; g < ready.size(); ++g)
    ready[g] = std::max(dispatch.sent_s[g], dispatch.arrived_s[g]);
  net.times(load.reversed(), Kernel::kCombine, combine_bytes(hidden), false, ready, combine);
  Sums sums;
  for (std::size_t g = 0; g < ready.size(); ++g) {
    sums.dispatch += ready[g];
    sums.combine += std::max(combine.sent_s[g], combine.arrived_s[g]) - ready[g];
  }
  return sums;
}

}  // namespace

std::vector<double> draw_messages(std::int64_t gpus, std::int64_t tokens, std::int64_t experts_per_token,
                                  std::int64_t experts, std::uint64_t draw) {
  CHECK(experts % gpus == 0, "{} experts on {} GPUs", experts, gpus);
  CHECK(experts_per_token <= 32 && experts_per_token <= experts, "{} experts a token", experts_per_token);
  const RandomStream stream(kSeed, static_cast<std::uint32_t>(draw), Purpose::kExpertLoad);
  std::vector<double> messages(static_cast<std::size_t>(gpus * gpus), 0.0);
  std::array<std::uint64_t, 32> chosen{};
  for (std::int64_t entity = 0; entity < gpus * tokens; ++entity) {
    std::int64_t count = 0;
    for (std::uint64_t n = 0; count < experts_per_token; ++n)
      for (const std::uint32_t word : stream.block(static_cast<std::uint64_t>(entity), n)) {
        const std::uint64_t expert = std::uint64_t{word} * static_cast<std::uint64_t>(experts) >> 32;
        const auto end = chosen.begin() + count;
        if (count == experts_per_token || std::find(chosen.begin(), end, expert) != end) continue;
        chosen[static_cast<std::size_t>(count++)] = expert;
        const auto to = static_cast<std::int64_t>(expert) * gpus / experts;
        messages[static_cast<std::size_t>(entity / tokens * gpus + to)] += 1.0;
      }
  }
  return messages;
}

BenchTimes low_latency_bench(const DeepEp& net, std::int64_t tokens, bool nvlink_in_node,
                             std::int64_t experts_per_token, std::int64_t hidden) {
  const Topology& t = net.topology();
  Sums all;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const std::vector<double> messages = draw_messages(t.gpus(), tokens, experts_per_token, kExperts, draw);
    const Sums turn =
        one_turn(net, low_latency_load(t, messages, nvlink_in_node), static_cast<double>(hidden));
    all.dispatch += turn.dispatch, all.combine += turn.combine;
  }
  const double turns = static_cast<double>(kDraws) * t.gpus();
  return {Seconds(all.dispatch / turns), Seconds(all.combine / turns)};
}

ExchangeLoad normal_bench_load(const Topology& t, std::int64_t tokens) {
  const std::int64_t nodes = t.nodes(), groups = std::min<std::int64_t>(nodes, 4);
  return balanced_normal(t, static_cast<double>(tokens), nodes_per_token(kExperts, nodes, groups, 8, nodes),
                         nodes_per_token(kExperts, nodes, groups, 8, t.gpus()));
}

BenchTimes normal_bench(const DeepEp& net, std::int64_t tokens, std::int64_t hidden) {
  ExchangeLoad load = normal_bench_load(net.topology(), tokens);
  const auto h = static_cast<double>(hidden);
  const Seconds dispatch = net.makespan(load, Kernel::kDispatch, dispatch_bytes(h));
  return {dispatch, net.makespan(std::move(load).reversed(), Kernel::kCombine, combine_bytes(h))};
}

}  // namespace tideline::network
