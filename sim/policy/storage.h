// Over which NICs a node reads the cached prefixes of prompts.
#pragma once

#include <array>

#include "sim/base/policy.h"

namespace tideline::policy {

enum class Storage { kOwnNetwork, kSharedNics };

inline constexpr std::array kStorages = {
    Policy<Storage>{"own_network", "over a NIC of the node's own, on a network that carries nothing else",
                    Storage::kOwnNetwork},
    Policy<Storage>{"shared_nics",
                    "spread over the NICs of the node's GPUs, at what all-to-alls leave of them",
                    Storage::kSharedNics},
};

}  // namespace tideline::policy
