#include "sim/finance/uncertainty.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/quantile.h"
#include "sim/config/choose.h"

namespace tideline::finance {
namespace {

using config::Node;

constexpr double kFactorMax = 100.0;
constexpr std::int64_t kSamplesMin = 64, kSamplesMax = 1'000'000;

Range read_range(const Node& node, const LeverInfo& lever) {
  Range range{.lever = &lever, .reason = {}, .drawn = {}};
  range.low = lever.factor ? node.number("low") : node.fraction("low");
  range.high = lever.factor ? node.number("high") : node.fraction("high");
  if (lever.factor && (range.low <= 0.0 || range.high > kFactorMax))
    node.problem("",
                 fmt::format("a factor is more than 0 and at most {:.0f}; 1 is as things stand", kFactorMax));
  if (range.high < range.low) node.problem("high", "is below \"low\"");
  range.shape = config::choose(node, "shape", kShapes, "triangular");
  range.assumed = node.has("assumed");
  if (range.assumed == node.has("source"))
    node.problem("", "wants \"source\", or \"assumed\" with the reason, and one of them");
  range.reason = node.text(range.assumed ? "assumed" : "source", "");
  return range;
}

}  // namespace

Uncertainty read_uncertainty(const Node& node, Channels& channels) {
  Uncertainty u;
  u.samples = node.positive("samples", u.samples);
  if (u.samples < kSamplesMin || u.samples > kSamplesMax) {
    node.problem("samples", fmt::format("wants {} to {}", kSamplesMin, kSamplesMax));
    u.samples = kSamplesMin;
  }
  u.seed = static_cast<std::uint64_t>(node.count("seed", 1));
  u.nodes_follow = node.fraction("nodes_follow", u.nodes_follow);
  const Node ranges = node.object("ranges");
  for (const LeverInfo& lever : kLevers) {
    const auto range = ranges.optional_object(lever.name);
    if (!range) continue;
    u.ranges.push_back(read_range(*range, lever));
    if (lever.value == &Levers::mix) u.other = channels.read_book(*range);
  }
  if (u.ranges.empty()) node.problem("ranges", "wants at least one driver of profit with its range");
  return u;
}

void add_bands_of_run(std::vector<double> node_hours_a_token, std::optional<Uncertainty>& uncertainty) {
  if (!uncertainty) uncertainty.emplace();
  const LeverInfo& efficiency = *std::ranges::find(kLevers, &Levers::efficiency, &LeverInfo::value);
  const auto given = std::ranges::find(uncertainty->ranges, &efficiency, &Range::lever);
  if (given != uncertainty->ranges.end()) return;
  std::ranges::sort(node_hours_a_token);
  uncertainty->ranges.push_back({.lever = &efficiency,
                                 .low = at_share(node_hours_a_token, 0.1),
                                 .high = at_share(node_hours_a_token, 0.9),
                                 .reason = "the bands of the run, P10 to P90",
                                 .drawn = std::move(node_hours_a_token)});
}

}  // namespace tideline::finance
