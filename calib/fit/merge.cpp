#include "calib/fit/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace tideline::calib {
namespace {

using Curve = std::tuple<std::int64_t, std::int64_t, double>;  // a, b, s

// Pool adjacent violators: the nearest sequence that never falls.
std::vector<double> isotonic(const std::vector<double>& y) {
  struct Block {
    double sum;
    std::size_t count;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Block> blocks;
  for (const double v : y) {
    blocks.push_back({v, 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
      blocks[blocks.size() - 2].sum += blocks.back().sum;
      blocks[blocks.size() - 2].count += blocks.back().count;
      blocks.pop_back();
    }
  }
  std::vector<double> out;
  for (const Block& b : blocks) out.insert(out.end(), b.count, b.mean());
  return out;
}

}  // namespace

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  const std::size_t half = v.size() / 2;
  return v.size() % 2 ? v[half] : 0.5 * (v[half - 1] + v[half]);
}

Merged merge(const std::vector<Record>& records) {
  std::map<Curve, std::map<double, std::map<std::string, std::vector<double>>>> runs;
  for (const Record& r : records)
    runs[{r.at.a, r.at.b, r.at.s}][r.at.x][r.library].push_back(std::log(r.time.value()));

  Merged merged;
  double square = 0.0;
  int pairs = 0;
  for (const auto& [curve, points] : runs) {
    const auto& [a, b, s] = curve;
    std::vector<double> logs;
    for (const auto& [x, versions] : points) {
      double sum = 0.0;
      for (const auto& [library, times] : versions) sum += median(times);
      logs.push_back(sum / static_cast<double>(versions.size()));
      if (versions.size() < 2) continue;
      for (const auto& [library, times] : versions)
        square += std::pow(median(times) - logs.back(), 2), ++pairs;
    }
    const std::vector<double> smooth = isotonic(logs);
    std::size_t i = 0;
    for (const auto& [x, versions] : points) {
      if (std::abs(std::expm1(logs[i] - smooth[i])) > 0.3)
        merged.outliers.push_back(fmt::format("a {}, b {}, s {}, x {}: {:.1f} us, taken as {:.1f} us", a, b,
                                              s, x, std::exp(logs[i]) * 1e6, std::exp(smooth[i]) * 1e6));
      merged.samples.push_back({{a, b, s, x}, Seconds(std::exp(smooth[i++]))});
    }
  }
  merged.version_sd = pairs > 0 ? std::sqrt(square / pairs) : 0.0;
  return merged;
}

}  // namespace tideline::calib
