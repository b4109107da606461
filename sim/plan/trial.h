// A trial: what users get of so many units under one load. A short simulation of the fleet, every request of
// it, after a warm-up long enough for the long answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/scenario/step_times.h"

namespace tideline::plan {

using scenario::Target;
using scenario::Units;

// A steady load where requests are drawn: `rate` for as long as needed. Of sessions and traces, whose
// requests differ from hour to hour: those of the day that come in [from, from + interval), at their times.
struct Load {
  Instant from;
  double rate = 0;  // requests a second; of the drawn ones, headroom included
  // Of a trace: requests a second of the trial's warm-up, over those of the interval. Where that is more than
  // one, the warm-up has so many times the units.
  double before = 1.0;
};

// Requests a second: in an interval of the day, and in the time before it that a trial warms up in.
struct Came {
  double in = 0, before = 0;
};

struct Measure {
  Target target;
  double value = 0;
  [[nodiscard]] bool met() const { return target.met_by(value); }
  // False where most requests were not answered: what the others had is not what users get.
  [[nodiscard]] bool is_known() const { return value != target.never(); }
};

struct Outcome {
  Units units;
  std::vector<Measure> measures;  // in the order of the targets; of nobody's requests: none
  // Of a side: what misses its target by most, as a share of the limit, or is nearest to that; null of
  // nobody's requests.
  [[nodiscard]] const Measure* nearest(Phase side) const;
  // The same where it is missed; null when all are met.
  [[nodiscard]] const Measure* worst(Phase side) const;
  [[nodiscard]] bool holds(Phase side) const { return worst(side) == nullptr; }
};

class Trials {
 public:
  // `threads`: at hand for all that is tried. REQUIRES: `scenario` has a planning and outlives this. Makes
  // the surfaces where the store has none.
  Trials(const scenario::Scenario& scenario, int threads);

  [[nodiscard]] bool steady() const;
  [[nodiscard]] int threads() const { return threads_; }
  // On one thread, or on two: the outcome is the same. May be called from several at once.
  [[nodiscard]] Outcome run(const Load& load, Units units, int threads);
  // Of every interval of the day, counted: each request is read, none is served. REQUIRES: no steady load.
  [[nodiscard]] std::vector<Came> came() const;
  // Units that a load needs, from closed forms: bounds for a search to begin at. Prefill: passes whose budget
  // is three fifths full. Decode: as many requests a GPU as keep to the targets at the mean step, or fit.
  // REQUIRES: a steady load.
  [[nodiscard]] Units estimate(const Load& load) const;
  [[nodiscard]] std::uint64_t runs() const { return runs_; }

 private:
  [[nodiscard]] Units warming(const Load& load, Units units) const;

  const scenario::Scenario& scenario_;
  const scenario::Planning& planning_;
  scenario::Surfaces surfaces_;
  int threads_;
  std::atomic<std::uint64_t> runs_ = 0;
};

}  // namespace tideline::plan
