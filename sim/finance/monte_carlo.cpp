#include "sim/finance/monte_carlo.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "sim/base/quantile.h"
#include "sim/base/random.h"
#include "sim/parallel/for_each_index.h"

namespace tideline::finance {
namespace {

Band band(std::vector<double> values) {
  std::ranges::sort(values);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {sum / static_cast<double>(values.size()), at_share(values, 0.1), at_share(values, 0.5),
          at_share(values, 0.9)};
}

}  // namespace

Bands monte_carlo(const Drivers& drivers, const Uncertainty& uncertainty, int threads) {
  const RandomStream draws(uncertainty.seed, 0, Purpose::kMoney);
  std::vector<Outcome> outcomes(static_cast<std::size_t>(uncertainty.samples));
  parallel::for_each_index(outcomes.size(), threads, [&](std::size_t i) {
    Levers levers = drivers.base;
    for (const Range& range : uncertainty.ranges) {
      const auto number = static_cast<std::uint64_t>(range.lever - kLevers.data());
      const double p = uniform(draws.block(i, number)[0]);
      levers.*range.lever->value = quantile(range, drivers.base.*range.lever->value, p);
    }
    outcomes[i] = outcome(drivers, levers);
  });
  const auto band_of = [&](auto value) {
    std::vector<double> values;
    for (const Outcome& o : outcomes) values.push_back(value(o));
    return band(std::move(values));
  };
  const auto band_of_ratio = [&](auto ratio) -> std::optional<Band> {
    std::vector<double> values;
    for (const Outcome& o : outcomes)
      if (const std::optional<double> value = ratio(o)) values.push_back(*value);
    return values.empty() ? std::nullopt : std::optional(band(std::move(values)));
  };
  const auto losses = std::ranges::count_if(outcomes, [](const Outcome& o) { return o.profit_usd() < 0.0; });
  return {.samples = uncertainty.samples,
          .revenue_usd = band_of([](const Outcome& o) { return o.revenue_usd; }),
          .cost_usd = band_of([](const Outcome& o) { return o.cost_usd; }),
          .profit_usd = band_of([](const Outcome& o) { return o.profit_usd(); }),
          .gross_margin = band_of_ratio([](const Outcome& o) { return o.gross_margin(); }),
          .cost_profit_ratio = band_of_ratio([](const Outcome& o) { return o.cost_profit_ratio(); }),
          .loss_share = static_cast<double>(losses) / static_cast<double>(uncertainty.samples)};
}

}  // namespace tideline::finance
