#include "sim/finance/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/check.h"

namespace tideline::finance {

__extension__ using Wide = __int128;

std::vector<std::int64_t> split(std::int64_t total, std::span<const std::int64_t> weights) {
  CHECK(!weights.empty(), "{} is to be split into no parts", total);
  const std::int64_t sign = total < 0 ? -1 : 1;
  const Wide amount = Wide{total} * sign;
  Wide sum = 0;
  for (const std::int64_t w : weights) sum += w;
  const bool evenly = sum == 0;
  if (evenly) sum = static_cast<Wide>(weights.size());

  std::vector<std::int64_t> parts(weights.size());
  std::vector<Wide> remainders(weights.size());
  Wide left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide exact = amount * (evenly ? 1 : weights[i]);
    parts[i] = static_cast<std::int64_t>(exact / sum);
    remainders[i] = exact % sum;
    left -= parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[order[i]];
  for (std::int64_t& part : parts) part *= sign;
  return parts;
}

std::vector<std::int64_t> weights_of(std::span<const double> shares) {
  const double most = shares.empty() ? 0.0 : *std::ranges::max_element(shares);
  std::vector<std::int64_t> weights(shares.size());
  if (most > 0.0)
    std::ranges::transform(shares, weights.begin(),
                           [&](double s) { return std::llround(s / most * 0x1p50); });
  return weights;
}

}  // namespace tideline::finance
