// What one MoE layer puts on each GPU of an expert-parallel group in one micro-batch: rows of its grouped
// products, tokens that dispatch brings and takes. LayerModel holds what a layer's gate and placement fix;
// draw() adds the luck of the tokens.
//
// 1. Rows of all experts, slots or GPUs add up to tokens x experts_per_token.
// 2. (token, GPU) and (token, node) pairs sent add up to those received.
// 3. A draw is a function of seed, layer, micro-batch and tokens, and allocates nothing once its buffers have
//    their size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/moe/gate.h"
#include "sim/moe/placement.h"

namespace tideline::moe {

struct LayerLoad {
  std::vector<double> rows_by_expert, rows_by_slot, rows_by_gpu;
  // Pairs of a token and a place that has at least one of its experts; a token's own GPU or node counts too.
  std::vector<double> tokens_received_by_gpu, tokens_received_by_node;  // one copy a token
  std::vector<double> gpu_copies_sent_by_gpu, node_copies_sent_by_gpu;  // of the source GPU's own tokens
  double gpus_per_token = 0.0, nodes_per_token = 0.0;

  // Rows of the busiest GPU over the mean of all.
  [[nodiscard]] double busiest_over_mean() const;
};

// On how many of so many parts, of as many experts each in order, are the experts of a token? On average,
// exact where all experts are alike.
double parts_per_token(const GateShape& shape, std::int64_t parts);

class LayerModel {
 public:
  // Experts stand where `placement` says; nodes are runs of gpus_per_node GPUs.
  LayerModel(const Gate& gate, const Placement& placement, std::int64_t gpus_per_node);
  // Every GPU bears exactly the mean: uniform popularity, experts in order, cut into equal shares wherever
  // GPUs do not divide them. Its draws are its expectation.
  static LayerModel balanced(const GateShape& shape, std::int64_t gpus, std::int64_t gpus_per_node);
  // Balanced, but GPU 0 bears `busiest_over_mean` and the others share the rest evenly.
  static LayerModel one_busy(const GateShape& shape, std::int64_t gpus, std::int64_t gpus_per_node,
                             double busiest_over_mean);

  // The mean over all luck, exact. `tokens_by_gpu`: tokens whose source is that GPU.
  void expect(std::span<const double> tokens_by_gpu, LayerLoad& load) const;
  // Counts of experts as a normal distribution with the exact variance of each expert, the exact covariance
  // of groups and a fixed sum; copies received follow the rows of a place by the ratio of their means. About
  // 3 us for 256 experts on 144 GPUs. Error: a binomial count's distribution function is within 0.41 /
  // sqrt(rows of the expert) of the normal (Berry-Esseen); counts below 0 become 0. Means of pairs within 1.5
  // % of tokens drawn one by one; the spread of GPUs or nodes by token is left out of what a source sends
  // (about 1 % of 128 tokens). Every source GPU is taken to have the same popularity: that the tokens of one
  // prompt are alike is not in it.
  void draw(std::span<const double> tokens_by_gpu, std::uint64_t seed, std::int64_t layer,
            std::int64_t micro_batch, LayerLoad& load) const;

 private:
  LayerModel() = default;
  void find_variances(const Gate& gate);
  void place_rows(std::span<const double> tokens_by_gpu, double tokens, LayerLoad& load) const;
  void draw_rows(double tokens, std::uint64_t seed, std::int64_t layer, std::int64_t micro_batch,
                 std::vector<double>& rows_by_expert) const;

  GateShape shape_;
  bool random_ = false;
  std::int64_t gpus_ = 0, gpus_per_node_ = 1, slots_per_gpu_ = 0;
  std::vector<std::int32_t> expert_of_slot_;
  std::vector<double> share_of_slot_;
  std::vector<double> rows_share_of_gpu_;  // instead of slots, where GPUs are given their rows
  std::vector<double> frequencies_;        // by expert
  std::vector<double> follow_;             // by expert: share of its group's deviation
  std::vector<double> own_sigma_;          // by expert, of one token
  std::vector<double> give_back_;          // by expert: share of the sum of its group's own deviations
  std::vector<double> group_root_;         // lower triangle whose square is the covariance of groups
  std::vector<double> tokens_per_row_of_gpu_, tokens_per_row_of_node_;
};

}  // namespace tideline::moe
