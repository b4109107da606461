// The two phases that a request goes through, and the two kinds of units, of nodes and of queues that serve
// it.
#pragma once

#include <string_view>

namespace tideline {

enum class Phase { kPrefill, kDecode };

constexpr Phase other_phase(Phase phase) {
  return phase == Phase::kPrefill ? Phase::kDecode : Phase::kPrefill;
}
constexpr std::string_view to_string(Phase phase) {
  return phase == Phase::kPrefill ? "prefill" : "decode";
}

}  // namespace tideline
