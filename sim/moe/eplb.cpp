#include "sim/moe/eplb.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/base/check.h"

namespace tideline::moe {
namespace {

using Indices = std::vector<std::int32_t>;

// Items of each pack, in the order they were put there; every pack gets the same number. One item a pack is
// no question: they stay in order.
std::vector<Indices> pack_evenly(const std::vector<double>& weights, std::int64_t packs) {
  const std::size_t room = weights.size() / static_cast<std::size_t>(packs);
  Indices heaviest_first(weights.size());
  std::iota(heaviest_first.begin(), heaviest_first.end(), 0);
  if (room > 1)
    std::stable_sort(heaviest_first.begin(), heaviest_first.end(),
                     [&](std::int32_t a, std::int32_t b) { return weights[a] > weights[b]; });
  std::vector<Indices> packed(static_cast<std::size_t>(packs));
  std::vector<double> weight(packed.size(), 0.0);
  for (const std::int32_t item : heaviest_first) {
    std::size_t lightest = packed.size();
    for (std::size_t p = 0; p < packed.size(); ++p) {
      if (packed[p].size() == room) continue;
      if (lightest == packed.size() || (room > 1 && weight[p] < weight[lightest])) lightest = p;
    }
    packed[lightest].push_back(item);
    weight[lightest] += weights[item];
  }
  return packed;
}

struct Replicated {
  Indices item_of_slot;
  std::vector<double> weight_of_slot;
};

Replicated replicate(const std::vector<double>& weights, std::int64_t slots) {
  Replicated r{Indices(weights.size()), {}};
  std::iota(r.item_of_slot.begin(), r.item_of_slot.end(), 0);
  std::vector<double> replicas(weights.size(), 1.0);
  while (static_cast<std::int64_t>(r.item_of_slot.size()) < slots) {
    std::size_t busiest = 0;
    for (std::size_t i = 1; i < weights.size(); ++i)
      if (weights[i] / replicas[i] > weights[busiest] / replicas[busiest]) busiest = i;
    r.item_of_slot.push_back(static_cast<std::int32_t>(busiest));
    replicas[busiest] += 1.0;
  }
  for (const std::int32_t i : r.item_of_slot) r.weight_of_slot.push_back(weights[i] / replicas[i]);
  return r;
}

}  // namespace

std::string why_no_plan(const Cluster& c, std::int64_t experts) {
  if (c.nodes < 1 || c.gpus < 1 || c.gpus % c.nodes != 0)
    return fmt::format("{} GPUs do not divide over {} nodes", c.gpus, c.nodes);
  if (c.slots < experts) return fmt::format("{} slots are too few for {} experts", c.slots, experts);
  if (c.slots % c.gpus != 0) return fmt::format("{} slots do not divide over {} GPUs", c.slots, c.gpus);
  if (c.groups < 1 || experts % c.groups != 0)
    return fmt::format("{} experts do not divide into {} groups", experts, c.groups);
  return "";
}

Placement eplb(const std::vector<double>& counts, const Cluster& cluster) {
  const auto experts = static_cast<std::int64_t>(counts.size());
  const std::string why = why_no_plan(cluster, experts);
  CHECK(why.empty(), "{}", why);
  const bool hierarchical = cluster.groups % cluster.nodes == 0;
  const std::int64_t groups = hierarchical ? cluster.groups : 1, nodes = hierarchical ? cluster.nodes : 1;
  const std::int64_t group_size = experts / groups;
  std::vector<double> group_counts(static_cast<std::size_t>(groups), 0.0);
  for (std::int64_t e = 0; e < experts; ++e) group_counts[e / group_size] += counts[e];
  Indices expert_of_slot;
  for (const Indices& on_node : pack_evenly(group_counts, nodes)) {
    Indices expert;  // of the node, group by group
    std::vector<double> weights;
    for (const std::int32_t g : on_node)
      for (std::int64_t e = g * group_size; e < (g + 1) * group_size; ++e)
        expert.push_back(static_cast<std::int32_t>(e)), weights.push_back(counts[e]);
    const Replicated replicated = replicate(weights, cluster.slots / nodes);
    for (const Indices& on_gpu : pack_evenly(replicated.weight_of_slot, cluster.gpus / nodes))
      for (const std::int32_t slot : on_gpu) expert_of_slot.push_back(expert[replicated.item_of_slot[slot]]);
  }
  return place(std::move(expert_of_slot), experts, cluster.gpus);
}

}  // namespace tideline::moe
