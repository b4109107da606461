// How popular the experts of a layer are: drawn from a log-normal family, or taken from counts. What is
// popular when a plan is made and what is popular when it is used are two days of the same layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/moe/gate.h"

namespace tideline::moe {

// Logarithm of an expert's odds: N(0, expert_sigma^2) of its own and N(0, group_sigma^2) of its group. From
// the day of the plan to today `drift` of both variances is replaced by new draws: log odds of the two days
// have a correlation of sqrt(1 - drift).
struct Skew {
  double expert_sigma = 0.0;
  double group_sigma = 0.0;
  double drift = 0.0;
};

enum class Day { kPlan, kToday };

// Source: LMSYS, "Deploying DeepSeek with PD disaggregation and large-scale expert parallelism", 2025-05-05,
// figure on EPLB balancedness (digitised). The sigmas stand for its four points without a plan, the drift for
// its four with one: least squares over a grid, 20 seeds of 58 layers. Error: 0.011 root mean square over the
// eight points, 0.019 at worst. Ranges that stay below 0.02: 0.45-0.55, 0.18-0.22, 0.08-0.12. Another
// workload is another skew: README.md here has one of machine translation.
inline constexpr Skew kMeasuredSkew = {0.48, 0.20, 0.11};

// Odds of every expert of a layer. A function of seed, layer and expert; the same expert has the same luck
// under every skew.
std::vector<double> draw_odds(const GateShape& shape, const Skew& skew, Day day, std::uint64_t seed,
                              std::int64_t layer);

// Odds with which the layer's counts are expected, on the day of the plan; today they have drifted, by as
// much as draw_odds() would with the spread that the counts themselves have. Half a token is added to every
// count, so that an expert nobody met may still come up. Empty when no gate of this shape counts so.
std::vector<double> odds_of_counts(const GateShape& shape, const std::vector<double>& counts);
std::vector<double> drift_odds(std::vector<double> odds, double drift, std::uint64_t seed,
                               std::int64_t layer);

// Counts of tokens by expert, a list a layer: {"source", "as_of", "layers": [{"counts": [...]}, ...]}.
// Fails: records a problem at `key` of `at`, and is empty, when the file has another number of layers; throws
// InputError with the file's own mistakes.
std::vector<std::vector<double>> read_counts(const config::Node& at, const std::string& key,
                                             const GateShape& shape, std::int64_t layers);

}  // namespace tideline::moe
