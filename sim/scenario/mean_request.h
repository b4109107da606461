// What a request of a scenario asks for on average, from the first thousands of them: for estimates in closed
// form, before anything is simulated.
#pragma once

#include "sim/scenario/scenario.h"

namespace tideline::scenario {

// Units: tokens; pairs: query-key pairs that its computed tokens attend to.
struct MeanRequest {
  double input = 0, computed = 0, pairs = 0, output = 0;
  double decoded = 0;     // tokens after the first
  double kv = 0;          // cached tokens while it is decoded, mean over its decoding
  double acceptance = 0;  // of drafted tokens, mean over those decoded
};

MeanRequest mean_request(const Scenario& scenario);

}  // namespace tideline::scenario
