// What each thing that a service does for its speed is worth: the scenario as it is, and again with one of
// them switched at a time, on a short window at the busiest and at the quietest hour of its day, or from the
// beginning of its trace. All variants meet the very same requests.
//
// 1. A variant is the scenario with a few values overridden: what `tideline run --set ...` would do. Outages
//    at a time and maintenance are left out: the window is not theirs.
// 2. A switch that changes nothing in a scenario is left out, and its note says why.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/overlap_crossing.h"
#include "sim/scenario/scenario.h"

namespace tideline::scenario {

// In the order of the table; "nvlink_in_node" alone switches something on.
inline constexpr std::array<std::string_view, 8> kSwitches = {
    "decode_overlap",   "prefill_overlap", "expert_balancer", "redundant_experts",
    "prefill_balancer", "decode_balancer", "draft_tokens",    "nvlink_in_node"};

struct AblationOptions {
  Duration window{kNsPerHour / 2}, warm_up{kNsPerHour / 4};
  std::vector<std::string> only{};  // of kSwitches; empty: all
};

struct AblationLoad {
  std::string name;  // "day" or "night"; of a trace "trace"
  std::string start;
  double requests_per_s = 0;  // mean of its hour
};

struct AblationPoint {
  double output_speed_tok_s_user = 0;
  double speed_change = 0;  // of the base's at this load
  double tpot_p99_s = 0, ttft_mean_s = 0;
  double decode_step_s = 0, decode_requests_per_gpu = 0, prefill_pass_s = 0;
  std::string saturated;  // what falls behind; its figures are then of no steady state. Empty: nothing
};

struct AblationRow {
  std::string key, label;
  std::vector<std::string> overrides;
  std::string note;                   // why it is left out, or what it could not switch
  std::vector<AblationPoint> points;  // one a load; none when left out
};

struct Ablation {
  Scenario scenario;
  AblationOptions options;
  std::vector<AblationLoad> loads;
  std::vector<AblationRow> rows;  // the first is the scenario as it is
  OverlapCrossing crossing;       // at the mean cache of an answer in the base's day
};

// Throws InputError with every mistake of the file. Progress is called before each run with its label.
Ablation ablate(const std::string& file, const std::vector<std::string>& overrides,
                const AblationOptions& options = {},
                const std::function<void(const std::string&)>& progress = {});

}  // namespace tideline::scenario
