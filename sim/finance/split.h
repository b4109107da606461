// Whole numbers into parts that add up to them: the method of the largest remainder (Hamilton). No part is
// further than one from its exact share, and nothing is lost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tideline::finance {

// `total` in proportion to the weights; a total below 0 gives parts of 0 and below. Of two equal remainders
// the first is given the unit. Weights of 0 alone: evenly. REQUIRES: no weight below 0.
std::vector<std::int64_t> split(std::int64_t total, std::span<const std::int64_t> weights);

// Shares as weights, exact to 2^-50 of the largest. REQUIRES: finite, none below 0.
std::vector<std::int64_t> weights_of(std::span<const double> shares);

}  // namespace tideline::finance
