#include "sim/moe/load_model.h"

#include "sim/base/check.h"
#include "sim/moe/eplb.h"

namespace tideline::moe {
namespace {

struct Days {
  std::vector<double> plan, today;  // odds
};

Days days(const ExpertLoad& load, const GateShape& shape, std::uint64_t seed, std::int64_t layer) {
  if (load.kind == LoadKind::kSkew)
    return {draw_odds(shape, load.skew, Day::kPlan, seed, layer),
            draw_odds(shape, load.skew, Day::kToday, seed, layer)};
  const std::vector<double> odds = odds_of_counts(shape, load.counts[layer]);
  return {odds, drift_odds(odds, load.skew.drift, seed, layer)};
}

}  // namespace

LoadModel::LoadModel(const ExpertLoad& load, const ExpertGroup& group, std::uint64_t seed)
    : seed_(seed), gpus_(group.gpus) {
  if (load.kind == LoadKind::kFactor) {
    layers_.push_back(
        LayerModel::one_busy(group.gate, group.gpus, group.gpus_per_node, load.busiest_over_mean));
    return;
  }
  const Cluster cluster{group.gpus, group.gpus / group.gpus_per_node, group.slots, group.gate.groups};
  for (std::int64_t layer = 0; layer < group.layers; ++layer) {
    const Days odds = days(load, group.gate, seed, layer);
    const Gate today(group.gate, odds.today);
    const Placement placement = load.balancer == Balancer::kEplb
                                    ? eplb(Gate(group.gate, odds.plan).frequencies(), cluster)
                                    : in_order(group.gate.experts, group.slots, group.gpus);
    layers_.emplace_back(today, placement, group.gpus_per_node);
  }
}

const LayerModel& LoadModel::layer_model(std::int64_t layer) const {
  if (layers_.size() == 1) return layers_.front();
  CHECK(layer >= 0 && layer < static_cast<std::int64_t>(layers_.size()), "layer {} of {}", layer,
        layers_.size());
  return layers_[layer];
}

const LayerLoad& LoadModel::draw(std::int64_t layer, std::int64_t micro_batch,
                                 std::span<const double> tokens_by_gpu) {
  layer_model(layer).draw(tokens_by_gpu, seed_, layer, micro_batch, load_);
  return load_;
}

const LayerLoad& LoadModel::expect(std::int64_t layer, std::span<const double> tokens_by_gpu) {
  layer_model(layer).expect(tokens_by_gpu, load_);
  return load_;
}

double LoadModel::busiest_over_mean() {
  const std::vector<double> tokens(static_cast<std::size_t>(gpus_), 1.0);
  double sum = 0.0;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer)
    sum += expect(static_cast<std::int64_t>(layer), tokens).busiest_over_mean();
  return sum / static_cast<double>(layers_.size());
}

}  // namespace tideline::moe
