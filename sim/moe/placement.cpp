#include "sim/moe/placement.h"

#include <algorithm>
#include <numeric>

#include "sim/base/check.h"

namespace tideline::moe {

std::vector<ExpertShare> Placement::held(std::int64_t first, std::int64_t end) const {
  std::vector<std::int32_t> slots_of(replicas.size(), 0);
  for (std::int64_t s = first * slots_per_gpu; s < end * slots_per_gpu; ++s) ++slots_of[expert_of_slot[s]];
  std::vector<ExpertShare> shares;
  for (std::size_t e = 0; e < replicas.size(); ++e)
    if (slots_of[e] > 0) shares.push_back({static_cast<std::int32_t>(e), 1.0 * slots_of[e] / replicas[e]});
  return shares;
}

std::vector<double> Placement::load_by_gpu(const std::vector<double>& load_by_expert) const {
  std::vector<double> load(static_cast<std::size_t>(gpus), 0.0);
  for (std::size_t s = 0; s < expert_of_slot.size(); ++s)
    load[s / static_cast<std::size_t>(slots_per_gpu)] +=
        load_by_expert[expert_of_slot[s]] / replicas[expert_of_slot[s]];
  return load;
}

Placement place(std::vector<std::int32_t> expert_of_slot, std::int64_t experts, std::int64_t gpus) {
  const auto slots = static_cast<std::int64_t>(expert_of_slot.size());
  CHECK(gpus > 0 && slots % gpus == 0, "{} slots do not divide over {} GPUs", slots, gpus);
  Placement p{gpus, slots / gpus, std::move(expert_of_slot), {}};
  p.replicas.assign(static_cast<std::size_t>(experts), 0);
  for (const std::int32_t e : p.expert_of_slot) ++p.replicas[e];
  for (std::size_t e = 0; e < p.replicas.size(); ++e) CHECK(p.replicas[e] > 0, "expert {} has no slot", e);
  return p;
}

Placement in_order(std::int64_t experts, std::int64_t slots, std::int64_t gpus) {
  std::vector<std::int32_t> expert_of_slot(static_cast<std::size_t>(slots));
  for (std::int64_t s = 0; s < slots; ++s) expert_of_slot[s] = static_cast<std::int32_t>(s % experts);
  return place(std::move(expert_of_slot), experts, gpus);
}

double balancedness(const std::vector<double>& loads) {
  const double max = *std::max_element(loads.begin(), loads.end());
  const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
  return max > 0.0 ? sum / static_cast<double>(loads.size()) / max : 1.0;
}

}  // namespace tideline::moe
