// What a prediction stands on that may be other than it was taken to be, and what a step, a pass or the load
// would be then.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/config/node.h"

namespace tideline::scenario {

struct Result;

// "uncertainty" of a scenario: within which ranges an assumed figure may lie.
struct Uncertainty {
  template <class T>
  struct Range {
    T low, high;
  };
  std::optional<Range<double>> draft_acceptance;
  std::optional<Range<double>> load;  // requests, over those that the scenario says
  // Assumed where a scenario does not say: 0.3-3 ms, the range of step::Unit::host_gap.
  Range<Seconds> host_gap{Seconds(0.3e-3), Seconds(3e-3)};
};
Uncertainty read_uncertainty(const config::Node& scenario);

// ln of the factors on a decode step, a prefill pass, the tokens that a decode step makes, and the load.
struct Shift {
  double decode = 0, prefill = 0, tokens = 0, load = 0;
  Shift& operator+=(const Shift& o) {
    decode += o.decode, prefill += o.prefill, tokens += o.tokens, load += o.load;
    return *this;
  }
  friend Shift operator*(double x, const Shift& s) {
    return {x * s.decode, x * s.prefill, x * s.tokens, x * s.load};
  }
};

struct Source {
  std::string name;
  std::string stands_on;  // "interpolated, 8.0 %", "assumed, 0.3 - 3 ms"
  // Of a model: normal, the shifts of one standard deviation down and up. Assumed: anywhere in a range alike,
  // the shifts at its ends, and where in it the value lies that the run was made with.
  bool range = false;
  double value_at = 0.5;
  Shift low{}, high{};
};

// Kernels of a kind are taken to be off together, by the mean of what each may be off, weighted by time:
// bands are wider by that, not narrower. Kernels of decode and of prefill that are of one family are off
// together. Drafts are moved from the fleet's acceptance; classes with one of their own are taken to move
// alike.
std::vector<Source> sources(const Result& result);

}  // namespace tideline::scenario
