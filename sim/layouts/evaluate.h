// What one layout is worth at full load: a few whole steps or passes of its unit, simulated under drawn
// expert loads, and what they mean for a user's speed and for the price of a million tokens.
//
// Every rank has the mean request's cache and the same number of requests; a fleet's ranks differ, and its
// steps are some per cent slower (sim/fleet). Which layout is better does not hang on that.
#pragma once

#include <string>
#include <vector>

#include "sim/layouts/candidates.h"
#include "sim/scenario/mean_request.h"

namespace tideline::layouts {

// One batch of a decode unit.
struct Batch {
  double requests = 0;  // a GPU
  double step_s = 0;
  double speed = 0;    // tok/s a user
  double per_gpu = 0;  // tok/s
};

// Shares of a step that kernels of a kind take on one GPU, and that it waits for exchanges or the host.
struct Parts {
  double attention = 0, experts = 0, other = 0, exchange = 0;
};

struct DecodeValue {
  std::vector<Batch> curve;  // from few requests to as many as fit
  Batch at;                  // the most requests that keep the speed
  double fits = 0;           // requests a GPU that its memory holds
  enum class Binds {
    kSpeed,
    kMemory,
    kNothing
  } binds = Binds::kNothing;  // kNothing: no batch keeps the speed
  double usd_per_mtok = 0;    // of output, decode alone
  Parts parts;                // of `at`, or of the first batch where none keeps the speed
};

struct PrefillValue {
  double pass_s = 0;
  double ttft_s = 0;   // mean: half a pass is waited for, one is taken
  double per_gpu = 0;  // prompt tokens computed a second
  bool keeps_ttft = false;
  double usd_per_mtok = 0;  // of input misses, prefill alone
  Parts parts;
};

// REQUIRES: not refused. Cost: some 20 simulated steps of a few layers.
DecodeValue evaluate_decode(const Candidate& layout, const scenario::Scenario& scenario,
                            const scenario::MeanRequest& mean);
PrefillValue evaluate_prefill(const Candidate& layout, const scenario::Scenario& scenario,
                              const scenario::MeanRequest& mean);

}  // namespace tideline::layouts
