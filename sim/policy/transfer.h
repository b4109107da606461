// When the KV cache of a prompt travels from prefill to decode.
#pragma once

#include <array>

#include "sim/base/policy.h"

namespace tideline::policy {

enum class Transfer { kAfter, kLayerWise };

inline constexpr std::array kTransfers = {
    Policy<Transfer>{"after", "all of it when the prompt is computed", Transfer::kAfter},
    Policy<Transfer>{"layer_wise", "layer by layer behind the last pass: at the end only one layer is left",
                     Transfer::kLayerWise},
};

}  // namespace tideline::policy
