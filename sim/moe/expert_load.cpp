#include "sim/moe/expert_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/memo.h"
#include "sim/moe/eplb.h"
#include "sim/moe/load_model.h"

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

namespace {

bool reads_eplb(const config::Node& node) {
  static constexpr std::string_view kBalancers[] = {"eplb", "none"};
  return node.choice("balancer", kBalancers, "eplb") == "eplb";
}

ExpertLoad read_factor(const config::Node& node, const std::string& kind, std::int64_t gpus) {
  ExpertLoad load;
  if (kind == "published") {
    load.busiest_over_mean = 1.0 / balancedness(reads_eplb(node) ? Balancer::kEplb : Balancer::kNone, gpus);
  } else if (kind == "given") {
    const double given = node.fraction("balancedness");
    if (given > 0.0)
      load.busiest_over_mean = 1.0 / given;
    else
      node.problem("balancedness", "balancedness is mean / max load and cannot be 0");
  }
  return load;
}

double read_sigma(const config::Node& node, std::string_view key, double absent) {
  constexpr double kSigmaMax = 3.0;  // beyond, one expert takes every token
  const double sigma = node.number(key, absent);
  if (sigma >= 0.0 && sigma <= kSigmaMax) return sigma;
  node.problem(
      key, fmt::format("wants a standard deviation of log odds from 0 to {}, found {}", kSigmaMax, sigma));
  return absent;
}

// True when every layer's counts are some gate's.
bool can_be_counted(const config::Node& node, const ExpertLoad& load, const GateShape& shape) {
  for (std::size_t layer = 0; layer < load.counts.size(); ++layer)
    if (odds_of_counts(shape, load.counts[layer]).empty()) {
      node.problem("file",
                   fmt::format("no gate that chooses {} experts in {} of {} groups counts so in "
                               "layer {} of the file",
                               shape.experts_per_token, shape.groups_per_token, shape.groups, layer + 1));
      return false;
    }
  return true;
}

// Half a millisecond a layer: scenarios that differ elsewhere, as those of a study do, share it. Of one
// draw of popularity, whatever the seed of the scenario.
double busiest_of(const ExpertLoad& load, const ExpertGroup& group) {
  constexpr std::size_t kGroupsMax = 4096;
  constexpr std::uint64_t kSeed = 1;
  static Memo<double> known(kGroupsMax);
  const auto& [busiest, kind, balancer, skew, counts] = load;
  const auto& [gate, layers, gpus, gpus_per_node, slots] = group;
  const auto& [experts, groups, groups_per_token, experts_per_token] = gate;
  std::string key =
      fmt::format("{} {} {} {} {} | {} {} {} {} | {} {} {} {}", static_cast<int>(kind),
                  static_cast<int>(balancer), skew.expert_sigma, skew.group_sigma, skew.drift, layers, gpus,
                  gpus_per_node, slots, experts, groups, groups_per_token, experts_per_token);
  for (const auto& layer : counts) key += fmt::format("\n{}", fmt::join(layer, " "));
  return *known.get(key, [&] { return LoadModel(load, group, kSeed).busiest_over_mean(); });
}

}  // namespace

ExpertLoad read_expert_load(const config::Node& node, const ExpertGroup& group) {
  static constexpr std::string_view kKinds[] = {"balanced", "published", "given", "skew", "counts"};
  const std::string kind = node.choice("kind", kKinds);
  if (kind != "skew" && kind != "counts") return read_factor(node, kind, group.gpus);
  ExpertLoad load;
  load.kind = kind == "skew" ? LoadKind::kSkew : LoadKind::kCounts;
  load.balancer = reads_eplb(node) ? Balancer::kEplb : Balancer::kNone;
  load.skew.drift = node.fraction("drift", kMeasuredSkew.drift);
  if (load.kind == LoadKind::kSkew) {
    load.skew.expert_sigma = read_sigma(node, "expert_sigma", kMeasuredSkew.expert_sigma);
    load.skew.group_sigma = read_sigma(node, "group_sigma", kMeasuredSkew.group_sigma);
  }
  if (group.layers < 1) {
    node.problem("kind", fmt::format("\"{}\" is of models with experts, and this one has none", kind));
    return load;
  }
  const Cluster cluster{group.gpus, group.gpus / group.gpus_per_node, group.slots, group.gate.groups};
  const std::string why = why_no_plan(cluster, group.gate.experts);
  const bool divides = group.slots % group.gpus == 0;  // if not, whoever read the slots says so
  if (divides && !why.empty()) node.problem("kind", why);
  bool known = why.empty();
  if (load.kind == LoadKind::kCounts) {
    load.counts = read_counts(node, "file", group.gate, group.layers);
    known = known && !load.counts.empty() && can_be_counted(node, load, group.gate);
  }
  if (known) load.busiest_over_mean = busiest_of(load, group);
  return load;
}

ExpertLoad read_expert_load(const config::Node& node, std::int64_t gpus) {
  constexpr std::int64_t kLayers = 58, kGpusPerNode = 8;  // DeepSeek-V3 config.json; an HGX node
  ExpertGroup group{GateShape{}, kLayers, gpus, std::min(gpus, kGpusPerNode), 0};
  group.slots = (group.gate.experts + gpus - 1) / gpus * gpus;
  return read_expert_load(node, group);
}

}  // namespace tideline::moe
