// A ledger from published totals: tokens of the window by meter, the hourly profile, the schedule of nodes.
#pragma once

#include "sim/finance/ledger.h"

namespace tideline::finance {

// "volumes" of a file:
//   {"duration": "24 h", "input_tokens": "608 Gtok", "cached_input_tokens": "342 Gtok",
//    "output_tokens": "168 Gtok", "rounded_to": "1 Gtok", "hourly_profile": [24 numbers, local hours 00 to
//    23], "between_hours": "step", "classes": [{"name": "all", "share": 1}], "gpus_per_node": 8, "nodes":
//    [{"from": "00:00", "prefill": 92, "decode": 126}, ...]}
// Totals run with the profile; "step" divides an hour's total evenly over its quarters. Every node of the
// schedule serves: totals say nothing of other states, nor of requests.
// `off`: of the three totals, in units of "rounded_to": 0.5 is as much more as they may have been. Without
// "rounded_to" the totals are exact.
struct Totals {
  double input = 0, cached_input = 0, output = 0;
};
Ledger read_volumes(const config::Node& node, std::int64_t first_minute, const Totals& off = {});
bool is_rounded(const config::Node& node);

}  // namespace tideline::finance
