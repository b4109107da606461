// A gate that is asked token by token, as DeepSeek-V3's chooses (report, 2.1.2): scores are sigmoids,
// groups are ranked by the sum of their two best scores, and the best experts of the best groups are chosen.
// Slow; to compare with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/base/random.h"
#include "sim/moe/gate.h"

namespace tideline::moe {

class TokenGate {
 public:
  // `bias`: what is added to each expert's logit, beside the logistic noise of the token.
  TokenGate(const GateShape& shape, std::vector<double> bias) : shape_(shape), bias_(std::move(bias)) {}

  // The experts of token `n`.
  [[nodiscard]] std::vector<std::int64_t> choose(std::uint64_t n) const {
    const RandomStream stream(7, 0, Purpose::kRequest);
    std::vector<double> score(bias_.size());
    PhiloxBlock block{};
    for (std::size_t e = 0; e < score.size(); ++e) {
      if (e % 4 == 0) block = stream.block(n, e / 4);
      const double u = uniform(block[e % 4]);
      score[e] = 1.0 / (1.0 + std::exp(-bias_[e]) * (1.0 - u) / u);  // sigmoid(bias + logit(u))
    }
    std::vector<std::pair<double, std::int64_t>> groups, experts;
    const std::int64_t size = shape_.group_size();
    for (std::int64_t g = 0; g < shape_.groups; ++g) {
      double best = 0.0, second = 0.0;
      for (std::int64_t e = g * size; e < (g + 1) * size; ++e)
        if (score[e] > best) second = std::exchange(best, score[e]);
        else second = std::max(second, score[e]);
      groups.emplace_back(-best - second, g);
    }
    std::sort(groups.begin(), groups.end());
    for (std::int64_t i = 0; i < shape_.groups_per_token; ++i)
      for (std::int64_t e = groups[i].second * size; e < (groups[i].second + 1) * size; ++e)
        experts.emplace_back(-score[e], e);
    std::partial_sort(experts.begin(), experts.begin() + shape_.experts_per_token, experts.end());
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < shape_.experts_per_token; ++i) chosen.push_back(experts[i].second);
    return chosen;
  }

 private:
  GateShape shape_;
  std::vector<double> bias_;
};

}  // namespace tideline::moe
