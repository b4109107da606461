// A random small fleet and its load: units that come, go, fail and are scaled, ranks with room for a few
// requests, NICs and storage from idle to clogged, between idle and hopelessly overloaded. The same number,
// the same fleet.
#pragma once

#include <optional>
#include <string>

#include "tests/fleet_fixture.h"
#include "tests/swarm/dice.h"

namespace tideline::swarm {

inline Duration seconds(double s) {
  return to_duration(Seconds(s));
}

inline fleet::Availability random_availability(Dice& dice, double window_s) {
  fleet::Availability a;
  if (dice.one_in(2)) a.leaving = policy::Leaving::kDrain;
  if (dice.one_in(2)) a.start_up = seconds(dice.between(0.0, 20.0));
  if (dice.one_in(3)) {
    a.node_mtbf = seconds(dice.between(10.0, 500.0));
    a.repair = seconds(dice.between(0.0, 60.0));
    a.spares = dice.whole(0, 2);
  }
  for (auto* outages : {&a.outages, &a.maintenance})
    for (std::int64_t i = dice.whole(-2, 2); i > 0; --i)
      outages->push_back({.at = Instant{seconds(dice.between(0.0, window_s)).ns},
                          .unit = static_cast<std::size_t>(dice.whole(0, 5)),
                          .down = seconds(dice.between(0.0, 40.0))});
  return a;
}

// `signals`: those of the kind of unit.
template <class Signals>
policy::ScalingSettings random_scaling(Dice& dice, const Signals& signals) {
  policy::ScalingSettings s;
  if (!dice.one_in(3)) return s;
  s.kind = dice.one_in(2) ? policy::ScalingKind::kReactive : policy::ScalingKind::kForecast;
  s.signal = signals[dice.index(signals.size())].kind;
  s.ahead = seconds(dice.between(0.0, 40.0));
  s.target = dice.between(0.1, 8.0);
  s.every = seconds(dice.between(1.0, 20.0));
  s.calm = seconds(dice.between(0.0, 60.0));
  s.units_min = dice.whole(1, 3);
  s.units_max = s.units_min + dice.whole(0, 4);
  return s;
}

// What memory holds, and the ways that caches take.
inline void random_caches(Dice& dice, fleet::Fleet& fleet, double longest) {
  fleet.decode.kv_block_tokens = std::int64_t{1} << dice.whole(0, 8);
  fleet.decode.admission.kind = policy::kAdmissions[dice.index(policy::kAdmissions.size())].kind;
  fleet.decode.admission.watermark = dice.between(0.0, 1.0);
  testing::SmallFleet::set_room(fleet.prefill.unit, longest * dice.between(1.0, 20.0));
  fleet.prefill.cache_read_rate = BytesPerSecond(std::exp(dice.between(10.0, 40.0)));
  fleet.prefill.memory_read_rate = BytesPerSecond(std::exp(dice.between(10.0, 40.0)));
  fleet.storage = policy::kStorages[dice.index(policy::kStorages.size())].kind;
  fleet.transfer = policy::kTransfers[dice.index(policy::kTransfers.size())].kind;
  fleet.prefill.exchange_share = dice.between(0.0, 0.9);
  fleet.decode.exchange_share = dice.between(0.0, 0.9);
  if (dice.one_in(2))
    for (std::int64_t gpu = fleet.decode.unit.gpus(); gpu > 0; --gpu)
      fleet.decode.unit.nic_shares.push_back(dice.between(0.1, 1.0));
}

inline testing::SmallFleet random_fleet(std::uint64_t number) {
  Dice dice(number);
  testing::SmallFleet f(dice.whole(1, 8));
  fleet::Fleet& fleet = f.fleet;
  const double window_s = dice.between(1.0, 90.0);
  f.settings.seed = number;
  f.settings.window = seconds(window_s);
  f.settings.warm_up = seconds(dice.between(0.0, 20.0));
  f.settings.patience = seconds(dice.between(0.0, 300.0));

  // Room for 2 to 100 of the longest requests on a rank, a third of them for few.
  const std::int64_t longest = dice.whole(2, 3000);
  const step::Unit& unit = fleet.decode.unit;
  const double room =
      static_cast<double>(longest) * (dice.one_in(3) ? dice.between(2.0, 4.0) : dice.between(2.0, 100.0));
  fleet.decode.unit.node.gpu.memory = unit.weights_per_gpu() + unit.llm.kv_per_token() * Tokens(room);
  fleet.decode.memory_reserve = dice.between(0.0, 0.3);

  random_caches(dice, fleet, static_cast<double>(longest));
  fleet.prefill.tokens_per_gpu = dice.whole(100, 4000);
  fleet.prefill.attended_per_token = dice.whole(100, 4000);
  fleet.prefill.balancer = policy::kPrefillBalancers[dice.index(policy::kPrefillBalancers.size())].kind;
  fleet.decode.balancer = policy::kDecodeBalancers[dice.index(policy::kDecodeBalancers.size())].kind;
  fleet.decode.request_weight = dice.between(0.0, 5000.0);
  fleet.decode.unit.draft_tokens = dice.whole(0, 1);
  fleet.decode.draft_acceptance = dice.between(0.0, 1.0);
  fleet.transfer_rate = BytesPerSecond(std::exp(dice.between(10.0, 40.0)));
  fleet.schedule.clear();
  for (double from = -3600.0; from < window_s; from = dice.between(from < 0.0 ? 0.0 : from, 2 * window_s))
    fleet.schedule.push_back({Instant{seconds(from).ns}, dice.whole(1, 4), dice.whole(1, 4)});
  fleet.prefill.availability = random_availability(dice, window_s);
  fleet.decode.availability = random_availability(dice, window_s);
  fleet.prefill.scaling = random_scaling(dice, policy::kPrefillSignals);
  fleet.decode.scaling = random_scaling(dice, policy::kDecodeSignals);

  const double pass_us = dice.between(1.0, 300.0), step_ms = dice.between(0.5, 40.0);
  f.pass_time = [=](const step::PrefillLoad& l) {
    return Seconds(1e-6 * (pass_us * l.tokens_busiest + 1e-3 * l.pairs_busiest) + 1e-4);
  };
  f.step_time = [=](const step::DecodeLoad& l) {
    return Seconds(1e-3 * (step_ms + 0.05 * l.requests_busiest + 1e-5 * l.kv_busiest));
  };
  // Some come at one and the same instant; some are as long as can be, or too long.
  const std::int64_t requests = dice.whole(0, 300);
  double at_ms = -to_seconds(f.settings.warm_up).value() * 1e3;
  const double gap_ms = window_s * 1e3 / static_cast<double>(requests + 1) * dice.between(0.2, 1.5);
  for (std::int64_t i = 0; i < requests; ++i) {
    at_ms += dice.one_in(4) ? 0.0 : -gap_ms * std::log(dice.between(1e-9, 1.0));
    const auto input = static_cast<std::int32_t>(dice.whole(1, longest * (dice.one_in(50) ? 200 : 1)));
    const auto output = static_cast<std::int32_t>(dice.one_in(5) ? 1 : dice.whole(1, longest));
    f.request(at_ms, input, output, static_cast<std::int32_t>(dice.whole(0, input - 1)));
    f.arrivals.back().session = static_cast<std::uint64_t>(dice.whole(0, 20));
  }
  // Up to four classes, some of which know how often their drafts are accepted.
  for (std::int64_t i = dice.whole(0, 3); i > 0; --i)
    f.classes.push_back(
        f.request_class(dice.one_in(2) ? std::optional(dice.between(0.0, 1.0)) : std::nullopt));
  for (workload::Arrival& a : f.arrivals)
    a.request_class = static_cast<std::uint8_t>(dice.index(f.classes.size()));
  return f;
}

}  // namespace tideline::swarm
