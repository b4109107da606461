// What a unit does that the schedule, or reactive scaling, no longer wants.
#pragma once

#include <array>

#include "sim/base/policy.h"

namespace tideline::policy {

enum class Leaving { kMigrate, kDrain };

inline constexpr std::array kLeavings = {
    Policy<Leaving>{"migrate", "hands on at once what it has: prompts that wait, answers with their caches",
                    Leaving::kMigrate},
    Policy<Leaving>{"drain", "takes nothing more and is paid for until it has ended what it has",
                    Leaving::kDrain},
};

}  // namespace tideline::policy
