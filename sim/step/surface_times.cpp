#include "sim/step/surface_times.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace tideline::step {
namespace {

// Of numbers that are not negative; four at a time, which every compiler turns into vectors.
double largest(std::span<const double> values) {
  std::array<double, 4> most{};
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) most[lane] = std::max(most[lane], values[i + lane]);
  for (; i < values.size(); ++i) most[0] = std::max(most[0], values[i]);
  return *std::max_element(most.begin(), most.end());
}

// Normal enough for a spread of a hundredth: the sum of four uniform numbers, scaled to variance 1 (its
// tails end at 3.5 standard deviations).
double normal(const PhiloxBlock& bits) {
  const double sum = uniform(bits[0]) + uniform(bits[1]) + uniform(bits[2]) + uniform(bits[3]);
  return (sum - 2.0) * std::sqrt(3.0);
}

double luck(const RandomStream& stream, StepId id, double spread) {
  return spread > 0.0 ? std::exp(spread * normal(stream.block(id.unit, id.step))) : 1.0;
}

}  // namespace

SurfaceTimes::SurfaceTimes(PrefillSurface prefill, DecodeSurface decode, std::uint64_t seed,
                           std::uint32_t run)
    : prefill_(std::move(prefill)),
      decode_(std::move(decode)),
      decode_luck_(seed, run, Purpose::kDecodeLuck),
      prefill_luck_(seed, run, Purpose::kPrefillLuck) {}

Seconds SurfaceTimes::decode_step(const DecodeRanks& ranks, StepId id) {
  const DecodeLoad load{.requests_mean = ranks.requests_all / static_cast<double>(ranks.requests.size()),
                        .requests_busiest = largest(ranks.requests),
                        .kv_busiest = largest(ranks.kv_tokens)};
  return decode_(load) * luck(decode_luck_, id, decode_.spread(load));
}

Seconds SurfaceTimes::prefill_pass(const PrefillRanks& ranks, StepId id) {
  const PrefillWeights weights = prefill_.weights();
  std::size_t busiest = 0;
  double most = -1.0;
  for (std::size_t gpu = 0; gpu < ranks.tokens.size(); ++gpu) {
    const double work = weights.work(ranks.tokens[gpu], ranks.pairs[gpu], ranks.context[gpu]);
    if (work > most) most = work, busiest = gpu;
  }
  const double tokens = std::accumulate(ranks.tokens.begin(), ranks.tokens.end(), 0.0);
  const PrefillLoad load{.tokens_mean = tokens / static_cast<double>(ranks.tokens.size()),
                         .tokens_busiest = ranks.tokens[busiest],
                         .pairs_busiest = ranks.pairs[busiest],
                         .context_busiest = ranks.context[busiest]};
  return prefill_(load) * luck(prefill_luck_, id, prefill_.spread(load));
}

}  // namespace tideline::step
