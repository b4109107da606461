#include "sim/network/routing.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "sim/base/check.h"

namespace tideline::network {
namespace {

struct Choice {
  std::int64_t experts = 0, groups = 1, groups_per_token = 1, experts_per_token = 0;
  [[nodiscard]] std::int64_t group_size() const { return experts / groups; }
};

// What one node holds of each group, sorted out: groups it has nothing of, groups it has a part of. It may
// have whole groups too, but while no expert of the node is chosen, none of those can be.
struct Holding {
  std::int64_t groups_without = 0;
  std::vector<std::int64_t> parts;
};

Holding holding(const Choice& c, std::int64_t first, std::int64_t end) {
  Holding h;
  for (std::int64_t g = 0; g < c.groups; ++g) {
    const std::int64_t from = std::max(first, g * c.group_size());
    const std::int64_t held = std::min(end, (g + 1) * c.group_size()) - from;
    if (held <= 0)
      ++h.groups_without;
    else if (held < c.group_size())
      h.parts.push_back(held);
  }
  return h;
}

// Groups that an expert was chosen from: which of those held in part (a bit each), how many of those without.
using Touched = std::pair<unsigned, std::int64_t>;

// Probability that no chosen expert is on the node. Experts are met from the best downwards, each order as
// likely as any other: until groups_per_token groups are met, every expert met is chosen; from then on only
// theirs are.
double probability_of_none(const Choice& c, const Holding& h) {
  std::map<Touched, double> states{{{0U, 0}, 1.0}};
  for (std::int64_t chosen = 0; chosen < c.experts_per_token; ++chosen) {
    std::map<Touched, double> next;
    for (const auto& [touched, p] : states) {
      const auto [mask, without] = touched;
      std::int64_t groups = without, on_node = 0;
      for (std::size_t i = 0; i < h.parts.size(); ++i)
        if (mask >> i & 1U) ++groups, on_node += h.parts[i];
      const bool open = groups < c.groups_per_token;
      const std::int64_t left = (open ? c.experts : groups * c.group_size()) - chosen;
      const double share = p / static_cast<double>(left);
      const auto go = [&](Touched to, std::int64_t experts) {
        if (experts > 0) next[to] += share * static_cast<double>(experts);
      };
      go(touched, groups * c.group_size() - chosen - on_node);
      if (!open) continue;
      go({mask, without + 1}, (h.groups_without - without) * c.group_size());
      for (std::size_t i = 0; i < h.parts.size(); ++i)
        if (!(mask >> i & 1U)) go({mask | 1U << i, without}, c.group_size() - h.parts[i]);
    }
    states = std::move(next);
  }
  double total = 0.0;
  for (const auto& [touched, p] : states) total += p;
  return total;
}

}  // namespace

double nodes_per_token(std::int64_t experts, std::int64_t groups, std::int64_t groups_per_token,
                       std::int64_t experts_per_token, std::int64_t nodes) {
  Choice c{experts, groups, std::min(groups_per_token, groups), experts_per_token};
  if (groups <= 1) c.groups = c.groups_per_token = 1;
  CHECK(nodes >= 1 && c.groups_per_token >= 1, "nodes {}, groups {}", nodes, c.groups_per_token);
  CHECK(experts % c.groups == 0, "{} experts do not divide into {} groups", experts, c.groups);
  CHECK(experts_per_token >= 1 && experts_per_token <= c.groups_per_token * c.group_size(),
        "{} experts of a token in {} groups of {}", experts_per_token, c.groups_per_token, c.group_size());
  double expected = 0.0;
  for (std::int64_t n = 0; n < nodes; ++n) {
    const std::int64_t first = n * experts / nodes, end = (n + 1) * experts / nodes;
    if (end > first) expected += 1.0 - probability_of_none(c, holding(c, first, end));
  }
  return expected;
}

}  // namespace tideline::network
