// Where overlap begins to pay: the decode step of one unit with one micro-batch and with two, from few
// requests on a GPU to many. Two micro-batches hide the all-to-alls and read the weights twice.
//
// Error: that of the step simulation, and the two schedules share most of it: tideline validate.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fleet/fleet.h"

namespace tideline::scenario {

struct OverlapPoint {
  std::int64_t requests = 0;  // on every GPU
  Seconds none, two_batch;    // a whole step
  bool fits = true;           // beside the weights; the step is timed all the same
};

struct OverlapCrossing {
  double kv_tokens = 0;              // cached tokens of every request
  std::vector<OverlapPoint> points;  // 1, 2, 4, ... 256 requests
  // Fewest requests from which two_batch is the faster one at every point; 0: at none of them.
  std::int64_t wins_from = 0;
};

// Every kernel of every GPU is simulated, tokens drawn with the expert loads of the scenario: some 30 steps.
OverlapCrossing overlap_crossing(const fleet::DecodeSettings& decode, double kv_tokens, std::uint64_t seed);

}  // namespace tideline::scenario
