#include "sim/workload/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/base/check.h"
#include "sim/base/memo.h"
#include "sim/workload/normal.h"

namespace tideline::workload {

Distribution Distribution::from_quantiles(const std::function<double(double)>& quantile) {
  Distribution d;
  for (int upper = 0; upper < 2; ++upper) {
    // Cell boundaries, by probability from the nearer end: octave o spans [2^-(o+2), 2^-(o+1)).
    auto at = [&](int octave, int cell) {
      const double tail = std::ldexp(1.0 + static_cast<double>(cell) / kCells, -(octave + 2));
      return quantile(upper ? 1.0 - tail : tail);
    };
    auto& cells = d.cells_[upper];
    cells.resize(kOctaves * kCells);
    for (int octave = 0; octave < kOctaves; ++octave)
      for (int cell = 0; cell < kCells; ++cell) {
        const double from = at(octave, cell), to = at(octave, cell + 1);
        cells[octave * kCells + cell] = {from, (to - from) * 0x1p-32};
      }
  }
  return d;
}

Distribution Distribution::log_normal(double mu, double sigma, double max) {
  // A millisecond, of which most readings of a scenario ask for the same.
  static Memo<Distribution> known(256);
  return *known.get(fmt::format("{} {} {}", mu, sigma, max), [=] {
    const double share = normal_cdf((std::log(max) - mu) / sigma);
    return from_quantiles([=](double p) { return std::exp(mu + sigma * normal_quantile(p * share)); });
  });
}

Distribution Distribution::constant(double value) {
  return from_quantiles([=](double) { return value; });
}

Distribution Distribution::piecewise(const std::vector<double>& probabilities,
                                     const std::vector<double>& values) {
  CHECK(probabilities.size() == values.size() && values.size() >= 2, "a quantile table needs two points");
  return from_quantiles([&](double p) {
    const auto above = std::upper_bound(probabilities.begin() + 1, probabilities.end() - 1, p);
    const auto i = static_cast<std::size_t>(above - probabilities.begin());
    const double span = probabilities[i] - probabilities[i - 1];
    const double weight = span > 0.0 ? (p - probabilities[i - 1]) / span : 1.0;
    return values[i - 1] + weight * (values[i] - values[i - 1]);
  });
}

namespace {

// Of what is spread evenly between two values and cut to `max`.
double mean_below(double max, double from, double to) {
  const auto [low, high] = std::minmax(from, to);
  if (low >= max) return max;
  return (0.5 * (low + max) * (max - low) + max * (high - max)) / (high - low);
}

}  // namespace

double Distribution::mean(double max) const {
  double sum = 0.0;
  for (const auto& cells : cells_)
    for (int octave = 0; octave < kOctaves; ++octave)
      for (int cell = 0; cell < kCells; ++cell) {
        const Cell& c = cells[octave * kCells + cell];
        const double to = c.base + c.slope * 0x1p32;
        const double of_cell =
            std::max(c.base, to) > max ? mean_below(max, c.base, to) : c.base + 0.5 * c.slope * 0x1p32;
        sum += of_cell * std::ldexp(1.0 / kCells, -(octave + 2));
      }
  return sum;
}

namespace {

bool increasing(const std::vector<double>& x) {
  return std::is_sorted(x.begin(), x.end());
}

Distribution read_quantiles(const config::Node& node) {
  const auto p = node.numbers("probabilities"), v = node.numbers("values");
  if (p.size() == v.size() && p.size() >= 2 && increasing(p) && increasing(v) && p.front() == 0.0 &&
      p.back() == 1.0 && v.front() >= 0.0)
    return Distribution::piecewise(p, v);
  node.problem("",
               "a quantile table wants \"probabilities\" rising from 0 to 1 and as many rising \"values\", "
               "none of them negative");
  return Distribution::constant(1.0);
}

Distribution read_log_normal(const config::Node& node) {
  const double mu = node.number("mu"), sigma = node.number("sigma");
  const double max = static_cast<double>(node.count("max"));
  if (sigma <= 0.0 || max < 1.0)
    node.problem("", "a log-normal wants \"sigma\" above 0 and \"max\" of at least 1 token");
  else if (normal_cdf((std::log(max) - mu) / sigma) < 1e-6)
    node.problem("", "next to nothing of this log-normal lies below its \"max\"");
  else
    return Distribution::log_normal(mu, sigma, max);
  return Distribution::constant(1.0);
}

}  // namespace

Distribution Distribution::read(const config::Node& node) {
  if (const auto q = node.optional_object("quantiles")) return read_quantiles(*q);
  if (const auto l = node.optional_object("log_normal")) return read_log_normal(*l);
  if (node.has("constant")) {
    const double value = node.number("constant");
    if (value < 0.0) node.problem("constant", "wants a number of 0 or more");
    return constant(std::max(value, 0.0));
  }
  node.problem("", "a distribution is one of \"quantiles\", \"log_normal\", \"constant\"");
  return constant(1.0);
}

Distribution Distribution::read_tokens(const config::Node& node, std::string_view key) {
  constexpr double kRoundsToOne = 0.5;
  const config::Node object = node.object(key);
  Distribution d = read(object);
  const double median = d(std::uint32_t{1} << 31);
  if (median >= kRoundsToOne) return d;
  object.problem(
      "",
      fmt::format("half of these lengths are no token: their median is {:.2g}, and a length is one or more",
                  median),
      object.has("log_normal") ? "\"mu\" is the natural logarithm of the median, in tokens" : "");
  return constant(1.0);
}

}  // namespace tideline::workload
