// What the headlines of a finished run would be if its steps and passes took longer, its steps made more
// tokens, or its load were another: hour by hour in the steady state, anchored on what the run itself gave.
//
// Decode: n requests on a GPU, a step of T(n), n / T(n) = what arrives: a longer step holds more requests
// and is longer by that. Prefill: x tokens in a pass of P(x), x / P(x) = what arrives. T and P are the
// surfaces of the run with as much on the busiest GPU as makes them the run's own in the mean
// (operating_point.h); the step of each hour is brought to what it was by a factor. TTFT follows the pass;
// that prompts wait less where units begin to stand idle is not foreseen. A fixed point that memory or the
// budget of a pass cuts off is called saturated. Error: against runs with that change made: tests/twin.
#pragma once

#include <vector>

#include "sim/scenario/bands.h"
#include "sim/scenario/operating_point.h"
#include "sim/scenario/uncertainty.h"
#include "sim/step/surface.h"

namespace tideline::scenario {

class Response {
 public:
  // REQUIRES: steps and passes in the window.
  explicit Response(const Result& result);
  [[nodiscard]] Headlines at(const Shift& shift) const;

 private:
  struct Hour {
    double requests = 0, output_tokens = 0, tpot_s = 0, ttft_p99_s = 0;  // of requests that arrive in it
    double on_gpu = 0, step_s = 0;                 // requests on a decode GPU; what a step takes
    double room = 0;                               // requests that it could hold at this step
    double in_pass = 0, per_second = 0;            // prompt tokens on a GPU of a pass; that arrive for each
    double node_s_prefill = 0, node_s_decode = 0;  // of nodes that serve or drain
    double cost_prefill = 0, cost_decode = 0, revenue = 0;
    double node_s_fixed = 0, cost_fixed = 0;  // of those that stay as they are: the others, and all of nobody
    double seconds = 0, peak_nodes = 0;       // held at once
    [[nodiscard]] double node_s() const { return node_s_prefill + node_s_decode + node_s_fixed; }
  };

  void add(const HourResult& hour, const finance::HourNodes& nodes, double gpus_per_node);
  // Node-seconds that are paid for and not held, where hour by hour so many are.
  [[nodiscard]] double freed_s(const std::vector<double>& held_s) const;
  // As many requests on a GPU as keep a step of the hour's speed; 0: not even one.
  [[nodiscard]] double room(const Hour& hour, const Shift& shift) const;
  Response(const Result& result, const OperatingPoint& point);

  double requests_max_, tokens_max_, tokens_per_step_, output_speed_, ttft_p99_s_;
  step::Line step_, pass_;  // T(n), P(x)
  std::vector<Hour> hours_;
  finance::Committed committed_;
  double freed_usd_s_;  // cost of a freed node
  double window_s_ = 0;
};

}  // namespace tideline::scenario
