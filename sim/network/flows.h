// Flows that share links max-min fairly: no flow can get more unless one with no more than it gets less. For
// transfers that are independent of each other (KV caches, cache reads, two exchanges on one NIC).
//
// Source: progressive filling, Bertsekas and Gallager, Data Networks, section 6.5.2: all rates rise together
// until a link is full; its flows keep their rate, and the others rise on.
//
// Max-min sharing is not monotone flow by flow, nor always in the makespan: a wider link lets some flow run
// faster that then takes from another elsewhere. It is where flows are symmetric, and within 2 % of the link
// bound in DeepEP's drawn exchanges (tests/closed_form/exchange_test.cpp).
#pragma once

#include <span>
#include <vector>

#include "sim/network/topology.h"

namespace tideline::network {

struct Flow {
  std::vector<int> links;  // each once; none: it takes no time
  double bytes = 0.0;
};

// Bytes per second of each flow, all of them active; infinite without links.
// REQUIRES: capacities above 0. Cost: O(links on the way * links filled + path lengths).
std::vector<double> max_min_rates(std::span<const Link> links, std::span<const Flow> flows);

// Seconds until each flow is done when all start together, event by event: as flows end, the others are
// filled anew. Latency is not in it. Cost: as above, for each distinct time of ending.
std::vector<double> completion_times(std::span<const Link> links, std::span<const Flow> flows);

// Bytes over capacity of the busiest link: no sharing of any kind is faster.
double link_bound(std::span<const Link> links, std::span<const Flow> flows);

}  // namespace tideline::network
