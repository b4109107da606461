// On how many nodes do the experts of a token stand? Normal-mode dispatch sends one copy of a token to each.
#pragma once

#include <cstdint>

namespace tideline::network {

// Expected number of distinct nodes that hold a chosen expert of a token, exact for scores drawn
// independently: the `groups_per_token` groups with the best expert are chosen, then the `experts_per_token`
// best experts in them. Experts lie in order, the same number in each group; node i of N holds those from i E
// / N (rounded down) to (i + 1) E / N, so that N need not divide E. One group: no limit.
//
// Source: DeepEP tests/test_internode.py chooses groups by their best expert. DeepSeek-V3's gate takes the
// sum of the two best; the expectation then depends on the distribution of scores. Simulated with 60,000
// tokens and three of them (normal, uniform, logistic), 256 experts in 8 groups, 4 and 8 chosen, on 2, 4, 8,
// 18 nodes: 1.97, 3.12-3.13, 3.95-3.97, 6.09-6.10, against 1.97, 3.13, 3.98, 6.05 here. Error: 1 % from that
// gate. Experts that are hot together, or replicas of them (EPLB), are not in it. REQUIRES: groups divide the
// experts; experts_per_token experts in groups_per_token groups; nodes >= 1.
double nodes_per_token(std::int64_t experts, std::int64_t groups, std::int64_t groups_per_token,
                       std::int64_t experts_per_token, std::int64_t nodes);

}  // namespace tideline::network
