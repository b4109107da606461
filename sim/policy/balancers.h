// Who serves a request: the prefill and decode balancers, of units and of the GPUs inside a unit. Each kind
// has a null member that ignores the loads, so that an ablation shows what balancing is worth.
#pragma once

#include <array>

#include "sim/base/policy.h"

namespace tideline::policy {

enum class PrefillBalancer {
  kLeastWork,
  kLeastOutstanding,
  kPowerOfTwo,
  kPrefixAffinity,
  kRandom,
  kRoundRobin,
};
enum class DecodeBalancer { kLeastLoaded, kLeastOutstanding, kPowerOfTwo, kRandom, kRoundRobin };

inline constexpr std::array kPrefillBalancers = {
    Policy<PrefillBalancer>{"least_work",
                            "the unit that can first begin on it, then the GPU with least work in the pass",
                            PrefillBalancer::kLeastWork},
    Policy<PrefillBalancer>{"least_outstanding", "the unit with fewest prompts, then as least_work",
                            PrefillBalancer::kLeastOutstanding},
    Policy<PrefillBalancer>{"power_of_two",
                            "of two units drawn the one with fewer prompts; of two GPUs, less work",
                            PrefillBalancer::kPowerOfTwo},
    Policy<PrefillBalancer>{
        "prefix_affinity",
        "the same unit for a session, unless another begins a pass earlier; then least_work",
        PrefillBalancer::kPrefixAffinity},
    Policy<PrefillBalancer>{"random", "a unit and a GPU drawn, whatever waits there",
                            PrefillBalancer::kRandom},
    Policy<PrefillBalancer>{"round_robin", "each unit and GPU in turn, whatever waits there",
                            PrefillBalancer::kRoundRobin},
};

inline constexpr std::array kDecodeBalancers = {
    Policy<DecodeBalancer>{"least_loaded", "the unit, then the rank, with least cached tokens and requests",
                           DecodeBalancer::kLeastLoaded},
    Policy<DecodeBalancer>{"least_outstanding", "the unit, then the rank, with fewest requests",
                           DecodeBalancer::kLeastOutstanding},
    Policy<DecodeBalancer>{"power_of_two", "of two units, then of two ranks drawn the one with less load",
                           DecodeBalancer::kPowerOfTwo},
    Policy<DecodeBalancer>{"random", "a unit and a rank drawn, then the next that has room",
                           DecodeBalancer::kRandom},
    Policy<DecodeBalancer>{"round_robin", "each unit and rank in turn, passing by those that are full",
                           DecodeBalancer::kRoundRobin},
};

// What it balances: prompts of a unit, rather than when the unit can begin on one more.
constexpr bool counts_prompts(PrefillBalancer balancer) {
  return balancer == PrefillBalancer::kLeastOutstanding || balancer == PrefillBalancer::kPowerOfTwo;
}

}  // namespace tideline::policy
