// How many turns conversations have: "turn_survivors" and "turn_tail_ratio".
#pragma once

#include <vector>

#include "sim/config/node.h"

namespace tideline::workload {

inline constexpr std::size_t kTurnsMax = 64;

// P(turns >= t), t = 1..: the survivors listed, then falling by the tail ratio a turn, up to kTurnsMax turns.
std::vector<double> read_turn_survivors(const config::Node& node);

}  // namespace tideline::workload
