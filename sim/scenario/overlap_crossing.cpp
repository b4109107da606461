#include "sim/scenario/overlap_crossing.h"

#include "sim/kernels/kernel_model.h"
#include "sim/step/simulation.h"

namespace tideline::scenario {
namespace {

constexpr std::int64_t kRequestsMax = 256;

// The decode unit under one of the schedules.
class Side {
 public:
  Side(step::Unit unit, const char* schedule, std::uint64_t seed)
      : simulation_((unit.schedule = step::load_schedule(schedule), unit),
                    kernels::KernelModel::load(unit.node.gpu)),
        traffic_(unit, seed) {}
  Seconds step(std::int64_t requests, double kv_tokens) {
    const auto n = static_cast<double>(requests);
    const step::RankLoad load{.requests = n, .kv_tokens = n * kv_tokens};
    return simulation_.run({&load, 1}, traffic_).total;
  }

 private:
  step::StepSimulation simulation_;
  step::TrafficSource traffic_;
};

// Between a batch at which two_batch loses and a larger one at which it wins.
template <class Wins>
std::int64_t first_win(std::int64_t loses, std::int64_t wins, const Wins& two_batch_wins) {
  while (wins - loses > 1) {
    const std::int64_t middle = loses + (wins - loses) / 2;
    (two_batch_wins(middle) ? wins : loses) = middle;
  }
  return wins;
}

}  // namespace

OverlapCrossing overlap_crossing(const fleet::DecodeSettings& decode, double kv_tokens, std::uint64_t seed) {
  Side none(decode.unit, "none", seed), two_batch(decode.unit, "two_batch_decode", seed);
  const double room = decode.unit.kv_capacity_tokens(decode.memory_reserve);
  OverlapCrossing c{.kv_tokens = kv_tokens, .points = {}, .wins_from = 0};
  std::int64_t loses = 0;  // the largest batch at which it does
  for (std::int64_t n = 1; n <= kRequestsMax; n *= 2) {
    const bool fits = static_cast<double>(n) * kv_tokens <= room;
    c.points.push_back({n, none.step(n, kv_tokens), two_batch.step(n, kv_tokens), fits});
    if (c.points.back().two_batch >= c.points.back().none) loses = n;
  }
  if (loses == kRequestsMax) return c;
  c.wins_from = loses == 0 ? 1 : first_win(loses, 2 * loses, [&](std::int64_t n) {
    return two_batch.step(n, kv_tokens) < none.step(n, kv_tokens);
  });
  return c;
}

}  // namespace tideline::scenario
