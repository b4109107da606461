#include "sim/scenario/bands.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/quantile.h"
#include "sim/base/random.h"
#include "sim/parallel/for_each_index.h"
#include "sim/scenario/response.h"
#include "sim/scenario/result.h"
#include "sim/workload/normal.h"

namespace tideline::scenario {
namespace {

// Of a normal figure P10 and P90 then have an error of 0.04 standard deviations of it.
constexpr int kDraws = 2000;
constexpr double kTenth = 0.1;

Shift drawn(const Source& s, double u) {
  if (!s.range) {
    const double z = workload::normal_quantile(u);
    return z < 0.0 ? -z * s.low : z * s.high;
  }
  if (u < s.value_at) return (s.value_at - u) / s.value_at * s.low;
  return s.value_at < 1.0 ? (u - s.value_at) / (1.0 - s.value_at) * s.high : Shift{};
}

// One standard deviation down, and up.
Shift down(const Source& s) {
  return s.range ? drawn(s, 0.5 - 0.5 / std::sqrt(3.0)) : s.low;
}
Shift up(const Source& s) {
  return s.range ? drawn(s, 0.5 + 0.5 / std::sqrt(3.0)) : s.high;
}

std::vector<double> shares(const Response& response, const std::vector<Source>& sources,
                           const BandedFigure& figure) {
  std::vector<double> squares;
  double sum = 0.0;
  for (const Source& s : sources) {
    const Headlines high = response.at(up(s)), low = response.at(down(s));
    const bool known = figure.given_nodes || (high.kept && low.kept);
    const double half = known ? 0.5 * (high.*figure.value - low.*figure.value) : 0.0;
    squares.push_back(half * half);
    sum += half * half;
  }
  if (sum > 0.0)
    for (double& share : squares) share /= sum;
  return squares;
}

Band band(const BandedFigure& figure, std::vector<double> values, std::vector<double> shares) {
  std::ranges::sort(values);
  return {.figure = &figure,
          .p10 = at_share(values, kTenth),
          .p50 = at_share(values, 0.5),
          .p90 = at_share(values, 1.0 - kTenth),
          .shares = std::move(shares)};
}

// Values in the middle of each hundredth; none of none.
std::vector<double> hundredths(std::vector<double> values) {
  std::ranges::sort(values);
  std::vector<double> out;
  for (int i = 0; i < 100 && !values.empty(); ++i) out.push_back(at_share(values, 0.01 * (i + 0.5)));
  return out;
}

}  // namespace

Bands draw_bands(const Result& r, int threads) {
  Bands out;
  if (r.saturated() || r.decode_step_s <= 0.0 || r.prefill_pass_s <= 0.0) return out;
  const Response response(r);
  out.sources = sources(r);
  out.draws = kDraws;
  const RandomStream words(r.scenario.seed, 0, Purpose::kKernelError);
  std::array<std::vector<double>, kBanded.size()> values;
  std::vector<double> node_hours;
  const double of_run = response.at({}).nodes_mean;
  std::vector<std::pair<Shift, Headlines>> draws(kDraws);
  parallel::for_each_index(kDraws, threads, [&](std::size_t draw) {
    auto& [shift, headlines] = draws[draw];
    for (std::size_t s = 0; s < out.sources.size(); ++s)
      shift += drawn(out.sources[s], uniform(words.block(draw, s / 4)[s % 4]));
    headlines = response.at(shift);
  });
  int saturated = 0, not_kept = 0;
  for (const auto& [shift, h] : draws) {
    saturated += h.saturated, not_kept += !h.kept;
    if (h.kept) node_hours.push_back(h.nodes_mean / (of_run * std::exp(shift.load)));
    for (std::size_t f = 0; f < kBanded.size(); ++f) values[f].push_back(h.*kBanded[f].value);
  }
  out.saturated = static_cast<double>(saturated) / kDraws;
  out.not_kept = static_cast<double>(not_kept) / kDraws;
  out.node_hours_a_token = hundredths(std::move(node_hours));
  for (std::size_t f = 0; f < kBanded.size(); ++f) {
    if (!kBanded[f].given_nodes && out.not_kept >= kTenth) continue;
    if (std::ranges::any_of(values[f], [](double value) { return std::isnan(value); })) continue;
    out.figures.push_back(band(kBanded[f], std::move(values[f]), shares(response, out.sources, kBanded[f])));
  }
  return out;
}

}  // namespace tideline::scenario
