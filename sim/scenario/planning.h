// What a plan has to keep to: "plan" of a scenario. What users must get, how much more load than foreseen,
// how many units to spare, and on which grid of time.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/base/phase.h"
#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/metrics/histogram.h"

namespace tideline::scenario {

// A bound on what the users of every interval see.
struct Target {
  enum class Metric { kTtft, kTpot, kOutputSpeed } metric = Metric::kTtft;
  std::string key;      // as in the scenario: "ttft_p99"
  double quantile = 0;  // 0: the mean
  double limit = 0;     // seconds at most; of kOutputSpeed tok/s a user at least

  // The units that decide it.
  [[nodiscard]] Phase side() const { return metric == Metric::kTtft ? Phase::kPrefill : Phase::kDecode; }
  [[nodiscard]] double of(const metrics::Summary& ttft_s, const metrics::Summary& tpot_s, double speed) const;
  // What it is of requests that are not answered.
  [[nodiscard]] double never() const {
    return metric == Metric::kOutputSpeed ? 0.0 : std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] bool met_by(double value) const {
    return metric == Metric::kOutputSpeed ? value >= limit : value <= limit;
  }
};

struct Units {
  std::int64_t prefill = 0, decode = 0;
  [[nodiscard]] std::int64_t of(Phase side) const { return side == Phase::kPrefill ? prefill : decode; }
  [[nodiscard]] std::int64_t& of(Phase side) { return side == Phase::kPrefill ? prefill : decode; }
  bool operator==(const Units&) const = default;
};

// The load an interval is planned for: what must hold in each of its minutes, or in it as a whole.
enum class PlannedLoad { kHighestMinute, kMean };

struct Planning {
  std::vector<Target> targets;  // at least one a side
  PlannedLoad load = PlannedLoad::kHighestMinute;
  Duration interval{30 * 60 * kNsPerSecond};
  Duration hold{60 * 60 * kNsPerSecond};  // a unit is not given back for a shorter time
  double headroom = 0;                    // more load than foreseen, as a share
  Units spare{};                          // serve beside what is needed: N + k
  Units units_max{64, 16};
  // How long a steady load is simulated to know what units make of it.
  Duration trial_warm_up{20 * 60 * kNsPerSecond}, trial_window{10 * 60 * kNsPerSecond};
};

// Reads "plan".
Planning read_planning(const config::Node& node);

}  // namespace tideline::scenario
