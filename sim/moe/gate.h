// The gate of a MoE layer as a distribution: which sets of experts a token chooses, given how much each
// expert attracts. Everything that the load needs (how often each expert is chosen, how choices go together,
// whether any of some experts is chosen) is computed from it exactly, without drawing tokens.
//
// A token chooses `groups_per_token` groups and `experts_per_token` experts in them, at least one in each.
// The probability of such a choice is proportional to the product of the odds of its experts: of all
// distributions with the same frequencies of experts the one with the most entropy (conditional Poisson
// sampling). Sums over choices are coefficients of products of polynomials, one factor (1 + odds x) an
// expert, one polynomial a group.
//
// 1. Odds matter up to a common factor. Odds of 0: never chosen.
// 2. The frequencies of a layer add up to experts_per_token.
// 3. Experts of equal odds in groups of equal odds have bit-equal frequencies.
//
// Source: conditional Poisson sampling: Chen, Dempster, Liu, Biometrika 81 (1994); group-limited choice:
// DeepSeek-V3 report, 2.1.2. Error: DeepSeek's gate ranks groups by their two best scores and may choose none
// of a chosen group's experts: 1.5 % on nodes and GPUs a token goes to (tests/unit/moe/gate_test.cpp, which
// draws tokens through such a gate).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tideline::moe {

struct GateShape {
  std::int64_t experts = 256, groups = 8, groups_per_token = 4, experts_per_token = 8;
  [[nodiscard]] std::int64_t group_size() const { return experts / groups; }
};

// A part of an expert's tokens: the share that one of its replicas takes.
struct ExpertShare {
  std::int32_t expert = 0;
  double share = 1.0;
};

class Gate {
 public:
  // REQUIRES: groups divide the experts; one choice at least has odds above 0; groups_per_token <=
  // experts_per_token <= 16.
  Gate(const GateShape& shape, std::vector<double> odds);

  [[nodiscard]] const GateShape& shape() const { return shape_; }
  // Probability that a token chooses each expert.
  [[nodiscard]] const std::vector<double>& frequencies() const { return frequencies_; }
  // Probability that a token goes to any of these; each expert at most once. A replica with half of an
  // expert's share is met by half of its tokens. About 2 us.
  [[nodiscard]] double touch(std::span<const ExpertShare> held) const;
  // Covariance, over tokens, of the number of experts chosen in one group and in another: groups x groups.
  [[nodiscard]] std::vector<double> group_covariance() const;

 private:
  using Polynomial = std::vector<double>;  // coefficients up to experts_per_token
  [[nodiscard]] Polynomial group_polynomial(std::int64_t group) const;
  // Over choices of `groups` of the groups not left out, of `chosen` experts at most: [groups][experts].
  [[nodiscard]] std::vector<double> choices(std::int64_t left_out, std::int64_t also_left_out) const;
  void add_group(std::vector<double>& table, const double* polynomial) const;
  void find_frequencies();

  GateShape shape_;
  std::int64_t degrees_;
  std::vector<double> odds_, frequencies_;
  std::vector<Polynomial> polynomials_;
  double total_ = 0.0;
};

// Odds with which tokens choose each expert as often as `frequencies` says (they add up to
// experts_per_token). Empty when there are none: a frequency of 1 or more, or groups more popular than the
// limit allows.
std::vector<double> odds_of(const GateShape& shape, const std::vector<double>& frequencies);

}  // namespace tideline::moe
