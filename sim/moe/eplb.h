// The expert-parallel load balancer: from counts of tokens by expert to a placement with replicas of the busy
// ones. Source: deepseek-ai/EPLB, README: the hierarchical and the global policy; DeepSeek-V3 report, 3.4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/moe/placement.h"

namespace tideline::moe {

struct Cluster {
  std::int64_t gpus = 0, nodes = 1;
  std::int64_t slots = 0;   // of all GPUs: experts and replicas
  std::int64_t groups = 1;  // of experts, of which a token chooses few
};

// Why no plan can be made for the cluster, in words for the user; empty when one can.
std::string why_no_plan(const Cluster& cluster, std::int64_t experts);

// When the nodes divide the groups (hierarchical): whole groups are packed to nodes, experts replicated
// within their node, replicas packed to its GPUs, so that a token of few groups goes to few nodes. Otherwise
// (global): the same with one group and one node. Each replica goes to the expert that is busiest by replica;
// packing puts the heaviest left into the lightest pack that has room. Ties: the lower index first. Error:
// none: gives the map of the README's example. REQUIRES: why_no_plan() is empty. 0.2 ms for 256 experts.
Placement eplb(const std::vector<double>& counts, const Cluster& cluster);

}  // namespace tideline::moe
