#include "sim/step/rank_load.h"

namespace tideline::step {

TrafficSource::TrafficSource(const Unit& unit, std::uint64_t seed)
    : dense_layers_(static_cast<int>(unit.llm.layers - unit.llm.moe_layers())),
      moe_layers_(static_cast<int>(unit.llm.moe_layers())),
      load_(unit.experts, unit.expert_group(), seed) {}

void TrafficSource::draw(int layer, int micro_batch, std::span<const double> tokens, ExpertTraffic& traffic) {
  const int moe_layer = layer - dense_layers_;
  // Two micro-batches of the layers, and of up to seven draft layers.
  constexpr std::int64_t kBatchesPerStep = 16;
  const std::int64_t batch = micro_batch + 2 * (moe_layer / moe_layers_) + kBatchesPerStep * step_;
  const moe::LayerLoad& load = load_.draw(moe_layer % moe_layers_, batch, tokens);
  traffic.rows.assign(load.rows_by_gpu.begin(), load.rows_by_gpu.end());
  traffic.received.assign(load.tokens_received_by_gpu.begin(), load.tokens_received_by_gpu.end());
  traffic.received_by_node.assign(load.tokens_received_by_node.begin(), load.tokens_received_by_node.end());
}

}  // namespace tideline::step
