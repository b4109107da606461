// Which layouts a study compares: "layouts" of a scenario. Every combination of the lists of a phase is one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/node.h"

namespace tideline::scenario {

struct LayoutAxes {
  double output_speed = 20.0;                                   // tok/s a user, at least
  double ttft_s = 5.0;                                          // mean, at most
  std::vector<std::pair<std::string, std::string>> node_types;  // name, lease of one of its GPUs ("2 USD/h")
  // Of one phase; an empty list leaves the scenario's own value.
  struct Phase {
    std::vector<std::int64_t> nodes, redundant_experts, draft_tokens, tokens_per_gpu;
    std::vector<std::string> overlap;
  } prefill, decode;
};

// Reads "layouts": {"output_speed": "20 tok/s", "ttft_mean": "5 s", "node": {"h800-8": "2 USD/h", ...},
// "decode": {"nodes": [...], "redundant_experts": [...], "overlap": [...], "draft_tokens": [...]},
// "prefill": {..., "tokens_per_gpu": [...]}}; whatever is left out is the scenario's.
LayoutAxes read_layout_axes(const config::Node& node);

}  // namespace tideline::scenario
