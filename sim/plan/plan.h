// The fewest whole units that keep a scenario's targets through its day: a staircase that `run` accepts, what
// decides each of its steps, and what it is worth when something goes wrong.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/plan/search.h"
#include "sim/scenario/result.h"

namespace tideline::plan {

// What decides with a unit less than serve: seen under that load.
struct Less {
  double rate = 0;  // requests a second
  Measure measure;
};

struct Interval {
  Instant from;
  double rate = 0;  // requests a second that it is planned for; of sessions and traces, that come in it
  Need prefill, decode;
  Units units;  // that serve: spare ones, and those that are not given back for so short a time, included
  Units added;  // of these, after the day was run
  // Where a step of the staircase begins: with a unit less, in the interval of the step that needs most. None
  // where there is one unit, or nobody comes.
  std::optional<Less> prefill_less{}, decode_less{};
  [[nodiscard]] const std::optional<Less>& less(Phase side) const {
    return side == Phase::kPrefill ? prefill_less : decode_less;
  }
  [[nodiscard]] std::optional<Less>& less(Phase side) {
    return side == Phase::kPrefill ? prefill_less : decode_less;
  }
  [[nodiscard]] const Need& needs(Phase side) const { return side == Phase::kPrefill ? prefill : decode; }
};

// What users get at the most load when a unit is lost and nobody has yet replaced it.
struct Loss {
  Phase side = Phase::kDecode;
  Outcome outcome;
};

// The targets cannot be kept with the units that are allowed. What could be done, the nearest first.
struct NotWithin {
  Phase side = Phase::kDecode;
  Instant from;            // of the interval with the most load
  std::int64_t units = 0;  // all that are allowed
  Measure attained;        // by all of them
  // Share of that load which they do hold; 0: none. Of sessions and traces it is not known.
  std::optional<double> load_held;
};

// A target that an hour of the day, run on the plan, did not keep.
struct Missed {
  Instant from;
  Measure measure;
};

// Intervals that follow one another with the same units: the first, and the one behind the last.
struct Step {
  std::size_t begin = 0, end = 0;
};
std::vector<Step> steps(const std::vector<Interval>& intervals);

struct Plan {
  scenario::Scenario scenario;  // with the schedule that was found, in the place of scaling by load
  std::vector<Interval> intervals;
  double node_hours_prefill = 0, node_hours_decode = 0;
  // Load that the units serving at the most load hold, over that load, to a hundredth: growth until they are
  // exhausted. Of sessions and traces, whose load is not one number: 0.
  double holds_prefill = 0, holds_decode = 0;
  std::vector<Loss> losses;
  std::optional<NotWithin> not_within;  // then the rest is empty
  std::optional<scenario::Result> day;  // the plan, run as it stands
  std::vector<Missed> missed;           // by that day
  std::uint64_t trials = 0;
  int raised = 0;  // times that units were added after the day was run
};

struct Options {
  int threads = 1;                                     // the plan is the same for any number
  bool run_the_day = true;                             // and add units to hours that miss a target
  std::function<void(const std::string&)> progress{};  // from any thread, one at a time
};

// REQUIRES: scenario.planning. Fails: throws InputError where a plan has no sense (more than a day).
Plan make_plan(const scenario::Scenario& scenario, const Options& options = {});

}  // namespace tideline::plan
