#include "sim/moe/layer_load.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/base/check.h"
#include "sim/moe/normal_draws.h"

namespace tideline::moe {
namespace {

double sum_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum;
}

}  // namespace

double LayerLoad::busiest_over_mean() const {
  return 1.0 / balancedness(rows_by_gpu);
}

void LayerModel::expect(std::span<const double> tokens_by_gpu, LayerLoad& load) const {
  const double tokens = sum_of(tokens_by_gpu);
  load.rows_by_expert.resize(frequencies_.size());
  for (std::size_t e = 0; e < frequencies_.size(); ++e) load.rows_by_expert[e] = tokens * frequencies_[e];
  place_rows(tokens_by_gpu, tokens, load);
}

void LayerModel::draw(std::span<const double> tokens_by_gpu, std::uint64_t seed, std::int64_t layer,
                      std::int64_t micro_batch, LayerLoad& load) const {
  if (!random_) return expect(tokens_by_gpu, load);
  const double tokens = sum_of(tokens_by_gpu);
  draw_rows(tokens, seed, layer, micro_batch, load.rows_by_expert);
  place_rows(tokens_by_gpu, tokens, load);
}

void LayerModel::draw_rows(double tokens, std::uint64_t seed, std::int64_t layer, std::int64_t micro_batch,
                           std::vector<double>& rows) const {
  constexpr std::int64_t kGroupsMax = 64;
  const std::int64_t size = shape_.group_size(), groups = shape_.groups;
  CHECK(groups <= kGroupsMax, "{} groups of experts", groups);
  const double scale = std::sqrt(tokens);
  NormalDraws normal(seed, Draw::kRouting, layer, micro_batch);
  std::array<double, kGroupsMax> z{};
  for (std::int64_t g = 0; g < groups; ++g) z[g] = normal();
  rows.resize(frequencies_.size());
  bool negative = false;
  for (std::int64_t g = 0; g < groups; ++g) {
    double deviation = 0.0, own_sum = 0.0;
    for (std::int64_t h = 0; h <= g; ++h) deviation += group_root_[g * groups + h] * z[h];
    for (std::int64_t e = g * size; e < (g + 1) * size; ++e) {
      const double own = own_sigma_[e] * normal();
      own_sum += own;
      rows[e] = tokens * frequencies_[e] + scale * (follow_[e] * deviation + own);
    }
    for (std::int64_t e = g * size; e < (g + 1) * size; ++e) {
      rows[e] -= scale * give_back_[e] * own_sum;
      negative |= rows[e] < 0.0;
    }
  }
  if (!negative) return;
  for (double& r : rows) r = std::max(0.0, r);
  const double sum = sum_of(rows), wanted = tokens * static_cast<double>(shape_.experts_per_token);
  for (double& r : rows) r *= sum > 0.0 ? wanted / sum : 0.0;
}

void LayerModel::place_rows(std::span<const double> tokens_by_gpu, double tokens, LayerLoad& load) const {
  const auto gpus = static_cast<std::size_t>(gpus_), per_node = static_cast<std::size_t>(gpus_per_node_);
  const auto slots = static_cast<std::size_t>(slots_per_gpu_);
  CHECK(tokens_by_gpu.size() == gpus, "tokens of {} GPUs, where there are {}", tokens_by_gpu.size(), gpus);
  load.rows_by_gpu.resize(gpus);
  load.rows_by_slot.resize(expert_of_slot_.size());
  for (std::size_t s = 0; s < expert_of_slot_.size(); ++s)
    load.rows_by_slot[s] = load.rows_by_expert[expert_of_slot_[s]] * share_of_slot_[s];
  for (std::size_t g = 0; g < gpus; ++g)
    load.rows_by_gpu[g] =
        slots > 0 ? sum_of(std::span(load.rows_by_slot).subspan(g * slots, slots))
                  : tokens * static_cast<double>(shape_.experts_per_token) * rows_share_of_gpu_[g];
  load.tokens_received_by_gpu.resize(gpus);
  load.tokens_received_by_node.assign(gpus / per_node, 0.0);
  for (std::size_t g = 0; g < gpus; ++g) {
    load.tokens_received_by_gpu[g] = std::min(tokens, load.rows_by_gpu[g] * tokens_per_row_of_gpu_[g]);
    load.tokens_received_by_node[g / per_node] += load.rows_by_gpu[g];
  }
  for (std::size_t n = 0; n < gpus / per_node; ++n)
    load.tokens_received_by_node[n] =
        std::min(tokens, load.tokens_received_by_node[n] * tokens_per_row_of_node_[n]);
  load.gpus_per_token = tokens > 0.0 ? sum_of(load.tokens_received_by_gpu) / tokens : 0.0;
  load.nodes_per_token = tokens > 0.0 ? sum_of(load.tokens_received_by_node) / tokens : 0.0;
  load.gpu_copies_sent_by_gpu.resize(gpus);
  load.node_copies_sent_by_gpu.resize(gpus);
  for (std::size_t g = 0; g < gpus; ++g) {
    load.gpu_copies_sent_by_gpu[g] = tokens_by_gpu[g] * load.gpus_per_token;
    load.node_copies_sent_by_gpu[g] = tokens_by_gpu[g] * load.nodes_per_token;
  }
}

}  // namespace tideline::moe
