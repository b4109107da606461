// How often a kernel is run to time it, from a first guess of how long it takes, and what that costs. Both
// ways are described in README.md.
#pragma once

#include "calib/profile/point.h"

namespace tideline::profile {

// Part of a record's key: a record made by another version of the method is measured again.
inline constexpr int kTimingVersion = 2;

struct ColdPlan {
  int samples_min, samples_max;
  double time_us_min;  // go on until the timed regions together last as long as this
};
ColdPlan cold_plan(double guess_us);

// Time per launch = (T(long) - T(short)) / (long - short), repeated.
struct SlopePlan {
  int launches_short, launches_long, repeats;
};
SlopePlan slope_plan(double guess_us);

// How many sets of operands of `bytes` each the launches rotate over: three times the L2 cache, no more than
// the longest graph has launches, no more than fit, at least one.
int operand_sets(double bytes, double l2_bytes, double memory_bytes);

// A guess of the time of one launch on an H100-like device, good for a plan and for nothing else.
// assumed: half of peak, 2.5 TB/s, 4 us at least.
double guess_us(const Point& point);

// A guess of the wall time that one point costs, both timings, preparation and checks.
double guess_seconds(const Point& point);

}  // namespace tideline::profile
