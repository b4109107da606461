#include "sim/step/rank_load.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tideline::step {

void FactorTraffic::draw(int layer, int micro_batch, std::span<const double> tokens, ExpertTraffic& traffic) {
  const auto gpus = static_cast<double>(tokens.size());
  const double mean = std::accumulate(tokens.begin(), tokens.end(), 0.0) / gpus;
  // Distinct GPUs among the experts of a token, drawn independently.
  const double copies = gpus * (1.0 - std::pow(1.0 - 1.0 / gpus, experts_per_token_));
  const double others = gpus > 1.0 ? (gpus - busiest_over_mean_) / (gpus - 1.0) : 1.0;
  std::ranges::fill(traffic.rows, mean * experts_per_token_ * others);
  std::ranges::fill(traffic.received, mean * copies * others);
  const std::size_t busiest = static_cast<std::size_t>(2 * layer + micro_batch) % tokens.size();
  traffic.rows[busiest] = mean * experts_per_token_ * busiest_over_mean_;
  traffic.received[busiest] = mean * copies * busiest_over_mean_;
}

std::unique_ptr<TrafficSource> traffic_of(const Unit& unit) {
  return std::make_unique<FactorTraffic>(static_cast<double>(unit.llm.experts_per_token),
                                         unit.experts.busiest_over_mean);
}

}  // namespace tideline::step
