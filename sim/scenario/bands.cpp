#include "sim/scenario/bands.h"

#include <algorithm>
#include <cmath>

#include "sim/base/random.h"
#include "sim/scenario/response.h"
#include "sim/scenario/result.h"
#include "sim/workload/normal.h"

namespace tideline::scenario {
namespace {

constexpr int kDraws = 2000;

Shift drawn(const Source& s, double u) {
  if (!s.range) {
    const double z = workload::normal_quantile(u);
    return z < 0.0 ? -z * s.low : z * s.high;
  }
  if (u < s.value_at) return (s.value_at - u) / s.value_at * s.low;
  return (u - s.value_at) / std::max(1.0 - s.value_at, 1e-12) * s.high;
}

double quantile(const std::vector<double>& sorted, double p) {
  return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1) + 0.5)];
}

}  // namespace

Bands draw_bands(const Result& r) {
  Bands out;
  if (r.saturated() || r.decode_step_s <= 0.0 || r.prefill_pass_s <= 0.0) return out;
  const Response response(r);
  out.sources = sources(r);
  out.draws = kDraws;
  const RandomStream words(r.scenario.seed, 0, Purpose::kKernelError);
  std::array<std::vector<double>, kBanded.size()> values;
  int saturated = 0;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    Shift shift;
    for (std::size_t s = 0; s < out.sources.size(); ++s)
      shift += drawn(out.sources[s], uniform(words.block(draw, s / 4)[s % 4]));
    const Headlines h = response.at(shift);
    saturated += h.saturated;
    for (std::size_t f = 0; f < kBanded.size(); ++f) values[f].push_back(h.*kBanded[f].value);
  }
  out.saturated = static_cast<double>(saturated) / kDraws;
  for (std::size_t f = 0; f < kBanded.size(); ++f) {
    std::ranges::sort(values[f]);
    Band band{.p10 = quantile(values[f], 0.1),
              .p50 = quantile(values[f], 0.5),
              .p90 = quantile(values[f], 0.9),
              .shares = {}};
    double sum = 0;
    for (const Source& s : out.sources) {
      // One standard deviation of what lies evenly in a range is 0.289 of it, from its middle.
      constexpr double kDown = 0.5 - 0.28867513459481287, kUp = 1.0 - kDown;
      const Shift down = s.range ? drawn(s, kDown) : s.low, up = s.range ? drawn(s, kUp) : s.high;
      const double half = 0.5 * (response.at(up).*kBanded[f].value - response.at(down).*kBanded[f].value);
      band.shares.push_back(half * half);
      sum += half * half;
    }
    if (sum > 0.0)
      for (double& share : band.shares) share /= sum;
    out.figures.push_back(std::move(band));
  }
  return out;
}

}  // namespace tideline::scenario
