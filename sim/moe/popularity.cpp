#include "sim/moe/popularity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "sim/moe/normal_draws.h"

namespace tideline::moe {
namespace {

// Groups first, then experts.
std::vector<double> log_odds(const GateShape& shape, const Skew& skew, Draw what, std::uint64_t seed,
                             std::int64_t layer) {
  NormalDraws normal(seed, what, layer);
  std::vector<double> of_group(static_cast<std::size_t>(shape.groups)), of_expert;
  for (double& g : of_group) g = skew.group_sigma * normal();
  for (std::int64_t e = 0; e < shape.experts; ++e)
    of_expert.push_back(of_group[e / shape.group_size()] + skew.expert_sigma * normal());
  return of_expert;
}

}  // namespace

std::vector<double> draw_odds(const GateShape& shape, const Skew& skew, Day day, std::uint64_t seed,
                              std::int64_t layer) {
  std::vector<double> odds = log_odds(shape, skew, Draw::kPopularity, seed, layer);
  if (day == Day::kToday && skew.drift > 0.0) {
    const std::vector<double> fresh = log_odds(shape, skew, Draw::kDrift, seed, layer);
    for (std::size_t e = 0; e < odds.size(); ++e)
      odds[e] = std::sqrt(1.0 - skew.drift) * odds[e] + std::sqrt(skew.drift) * fresh[e];
  }
  for (double& o : odds) o = std::exp(o);
  return odds;
}

std::vector<double> odds_of_counts(const GateShape& shape, const std::vector<double>& counts) {
  const double total =
      std::accumulate(counts.begin(), counts.end(), 0.5 * static_cast<double>(counts.size()));
  std::vector<double> frequencies;
  for (const double c : counts)
    frequencies.push_back((c + 0.5) / total * static_cast<double>(shape.experts_per_token));
  return odds_of(shape, frequencies);
}

std::vector<double> drift_odds(std::vector<double> odds, double drift, std::uint64_t seed,
                               std::int64_t layer) {
  if (drift <= 0.0) return odds;
  const auto n = static_cast<double>(odds.size());
  double mean = 0.0, square = 0.0;
  for (const double o : odds) mean += std::log(o) / n, square += std::log(o) * std::log(o) / n;
  const double sigma = std::sqrt(std::max(0.0, square - mean * mean));
  NormalDraws normal(seed, Draw::kDrift, layer);
  for (double& o : odds)
    o = std::exp(mean + std::sqrt(1.0 - drift) * (std::log(o) - mean) + std::sqrt(drift) * sigma * normal());
  return odds;
}

std::vector<std::vector<double>> read_counts(const config::Node& at, const std::string& key,
                                             const GateShape& shape, std::int64_t layers) {
  const std::string file = (std::filesystem::path(at.folder(key)) / at.text(key)).string();
  const auto document = config::Document::load(file);
  const config::Node root = document.root();
  (void)root.text("source"), (void)root.text("as_of");
  std::vector<std::vector<double>> counts;
  for (const config::Node& layer : root.list("layers")) {
    counts.push_back(layer.numbers("counts"));
    for (const double c : counts.back())
      if (!(c >= 0.0)) layer.problem("counts", "counts of tokens are 0 or more");
    if (static_cast<std::int64_t>(counts.back().size()) != shape.experts)
      layer.problem("counts", fmt::format("counts of {} experts, where the model has {}",
                                          counts.back().size(), shape.experts));
    else if (std::ranges::none_of(counts.back(), [](double c) { return c > 0.0; }))
      layer.problem("counts", "no expert has any token: nothing says which are popular");
  }
  document.finish();
  if (static_cast<std::int64_t>(counts.size()) == layers) return counts;
  at.problem(key,
             fmt::format("{} has {} layers of counts, where the model has {}", file, counts.size(), layers));
  return {};
}

}  // namespace tideline::moe
