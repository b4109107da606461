#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/base/memo.h"
#include "sim/moe/layer_load.h"

namespace tideline::moe {
namespace {

// Lower triangular root of a covariance; a direction without variance has none.
std::vector<double> root(std::vector<double> c, std::int64_t n) {
  constexpr double kNothing = 1e-12;  // of a variance of about 1
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < n; ++i) {
      if (i < j) {
        c[i * n + j] = 0.0;
        continue;
      }
      double rest = c[i * n + j];
      for (std::int64_t k = 0; k < j; ++k) rest -= c[i * n + k] * c[j * n + k];
      const double pivot = c[j * n + j];
      if (i == j)
        c[i * n + j] = rest > kNothing ? std::sqrt(rest) : 0.0;
      else
        c[i * n + j] = pivot > 0.0 ? rest / pivot : 0.0;
    }
  return c;
}

// Variances d of independent draws that have `wanted` each once their sum is taken back in proportion to d:
// d - d^2 / (sum of d) = wanted.
std::vector<double> before_sum_is_fixed(std::span<const double> wanted) {
  constexpr int kRounds = 100;
  constexpr double kShareMax = 0.5;  // no draw can bear more than half of the variance of a fixed sum
  std::vector<double> d(wanted.begin(), wanted.end());
  for (int round = 0; round < kRounds; ++round) {
    double sum = 0.0;
    for (const double x : d) sum += x;
    if (sum <= 0.0) break;
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = wanted[i] / (1.0 - std::min(kShareMax, d[i] / sum));
  }
  return d;
}

// Shares of the experts that GPU `gpu` of `gpus` holds when they are cut evenly in their order.
std::vector<ExpertShare> cut_evenly(std::int64_t experts, std::int64_t first, std::int64_t end,
                                    std::int64_t gpus) {
  std::vector<ExpertShare> held;
  for (std::int64_t e = 0; e < experts; ++e) {
    const std::int64_t from = std::max(e * gpus, first * experts),
                       to = std::min((e + 1) * gpus, end * experts);
    if (to > from)
      held.push_back(
          {static_cast<std::int32_t>(e), static_cast<double>(to - from) / static_cast<double>(gpus)});
  }
  return held;
}

double rows(const Gate& gate, std::span<const ExpertShare> held) {
  double sum = 0.0;
  for (const ExpertShare& h : held) sum += gate.frequencies()[h.expert] * h.share;
  return sum;
}

double tokens_per_row(const Gate& gate, std::span<const ExpertShare> held) {
  const double expected = rows(gate, held);
  return expected > 0.0 ? std::min(1.0, gate.touch(held) / expected) : 0.0;  // rounding apart, at most 1
}

}  // namespace

LayerModel::LayerModel(const Gate& gate, const Placement& placement, std::int64_t gpus_per_node)
    : shape_(gate.shape()),
      random_(true),
      gpus_(placement.gpus),
      gpus_per_node_(gpus_per_node),
      slots_per_gpu_(placement.slots_per_gpu),
      expert_of_slot_(placement.expert_of_slot),
      frequencies_(gate.frequencies()) {
  CHECK(gpus_per_node > 0 && gpus_ % gpus_per_node == 0, "{} GPUs, {} a node", gpus_, gpus_per_node);
  for (std::size_t s = 0; s < expert_of_slot_.size(); ++s)
    share_of_slot_.push_back(placement.share(static_cast<std::int64_t>(s)));
  find_variances(gate);
  for (std::int64_t g = 0; g < gpus_; ++g)
    tokens_per_row_of_gpu_.push_back(tokens_per_row(gate, placement.held(g, g + 1)));
  for (std::int64_t g = 0; g < gpus_; g += gpus_per_node)
    tokens_per_row_of_node_.push_back(tokens_per_row(gate, placement.held(g, g + gpus_per_node)));
}

void LayerModel::find_variances(const Gate& gate) {
  const std::int64_t size = shape_.group_size(), groups = shape_.groups;
  const std::vector<double> covariance = gate.group_covariance();
  group_root_ = root(covariance, groups);
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::span<const double> frequencies = std::span(frequencies_).subspan(g * size, size);
    double group = 0.0;
    for (const double f : frequencies) group += f;
    std::vector<double> wanted;
    for (const double f : frequencies) {
      follow_.push_back(group > 0.0 ? f / group : 0.0);
      const double followed = follow_.back() * follow_.back() * covariance[g * groups + g];
      wanted.push_back(std::max(0.0, f * (1.0 - f) - followed));
    }
    const std::vector<double> own = before_sum_is_fixed(wanted);
    double sum = 0.0;
    for (const double d : own) sum += d;
    for (const double d : own) {
      own_sigma_.push_back(std::sqrt(d));
      give_back_.push_back(sum > 0.0 ? d / sum : 0.0);
    }
  }
}

LayerModel LayerModel::balanced(const GateShape& shape, std::int64_t gpus, std::int64_t gpus_per_node) {
  return one_busy(shape, gpus, gpus_per_node, 1.0);
}

namespace {

double touched(const Gate& gate, std::int64_t parts) {
  const std::int64_t experts = gate.shape().experts;
  double sum = 0.0;
  for (std::int64_t i = 0; i < parts; ++i) sum += gate.touch(cut_evenly(experts, i, i + 1, parts));
  return sum;
}

Gate all_alike(const GateShape& shape) {
  return {shape, std::vector<double>(static_cast<std::size_t>(shape.experts), 1.0)};
}

}  // namespace

double parts_per_token(const GateShape& shape, std::int64_t parts) {
  static Memo<double> known(256);
  return *known.get(fmt::format("{} {} {} {} {}", shape.experts, shape.groups, shape.groups_per_token,
                                shape.experts_per_token, parts),
                    [&] { return touched(all_alike(shape), parts); });
}

LayerModel LayerModel::one_busy(const GateShape& shape, std::int64_t gpus, std::int64_t gpus_per_node,
                                double busiest_over_mean) {
  CHECK(gpus_per_node > 0 && gpus % gpus_per_node == 0, "{} GPUs, {} a node", gpus, gpus_per_node);
  const Gate gate = all_alike(shape);
  LayerModel m;
  m.shape_ = shape, m.gpus_ = gpus, m.gpus_per_node_ = gpus_per_node, m.frequencies_ = gate.frequencies();
  const double n = static_cast<double>(gpus), nodes = static_cast<double>(gpus / gpus_per_node);
  const double k = static_cast<double>(shape.experts_per_token);
  m.tokens_per_row_of_gpu_.assign(static_cast<std::size_t>(gpus), touched(gate, gpus) / k);
  m.tokens_per_row_of_node_.assign(static_cast<std::size_t>(nodes), touched(gate, gpus / gpus_per_node) / k);
  const double others = gpus > 1 ? (n - busiest_over_mean) / (n - 1.0) : 1.0;
  const bool uneven = gpus > 1 && busiest_over_mean != 1.0;
  m.rows_share_of_gpu_.assign(static_cast<std::size_t>(gpus), (uneven ? others : 1.0) / n);
  if (uneven) m.rows_share_of_gpu_[0] = busiest_over_mean / n;
  return m;
}

}  // namespace tideline::moe
