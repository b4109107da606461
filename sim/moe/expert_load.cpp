#include "sim/moe/expert_load.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace tideline::moe {
namespace {

struct Point {
  double gpus, balancedness;
};
constexpr std::array kEplbPoints = {Point{8, 0.944}, Point{16, 0.902}, Point{32, 0.800}, Point{72, 0.809}};
constexpr std::array kUnplannedPoints = {Point{8, 0.672}, Point{16, 0.612}, Point{32, 0.549},
                                         Point{64, 0.476}};

double line_on_log2(std::span<const Point> points, double gpus) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  const auto n = static_cast<double>(points.size());
  for (const Point& p : points) {
    const double x = std::log2(p.gpus);
    sx += x, sy += p.balancedness, sxx += x * x, sxy += x * p.balancedness;
  }
  const double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  return (sy - slope * sx) / n + slope * std::log2(gpus);
}

}  // namespace

double balancedness(Balancer balancer, std::int64_t gpus) {
  if (gpus <= 1) return 1.0;
  const std::span<const Point> points = balancer == Balancer::kEplb ? kEplbPoints : kUnplannedPoints;
  return std::clamp(line_on_log2(points, static_cast<double>(gpus)), 0.2, 1.0);
}

ExpertLoad read_expert_load(const config::Node& node, std::int64_t gpus) {
  static constexpr std::string_view kKinds[] = {"balanced", "published", "given"};
  static constexpr std::string_view kBalancers[] = {"eplb", "none"};
  const std::string kind = node.choice("kind", kKinds);
  if (kind == "published") {
    const bool eplb = node.choice("balancer", kBalancers, "eplb") == "eplb";
    return {1.0 / balancedness(eplb ? Balancer::kEplb : Balancer::kNone, gpus)};
  }
  if (kind == "given") {
    const double given = node.fraction("balancedness");
    if (given > 0.0) return {1.0 / given};
    node.problem("balancedness", "balancedness is mean / max load and cannot be 0");
  }
  return {};
}

}  // namespace tideline::moe
