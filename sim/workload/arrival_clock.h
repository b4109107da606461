// A Poisson process whose rate follows the hours of the day. Nothing is stored: event n is the same whatever
// is done between.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/workload/day_curve.h"

namespace tideline::workload {

// Of any load, on average. Assumed: five hundred times the flagship's.
inline constexpr double kRequestsPerSecondMax = 1e6;
// What is said of one that has more.
std::string too_many_requests(double per_second);

// Longer than any run, and a third of what the clock holds: an arrival that comes later is not sought, and a
// trace at its pace, from its beginning to its end, is no longer.
inline constexpr std::int64_t kLongestYears = 25, kLongestNs = kLongestYears * 365 * 24 * kNsPerHour;

class ArrivalClock {
 public:
  // `rate`: events per second, by slot of the local day, with `first_hour` at instant 0. From `start` on,
  // which may lie before instant 0. REQUIRES: some rate above 0; `rate` outlives the clock.
  ArrivalClock(const DayCurve& rate, int first_hour, RandomStream gaps, Instant start);
  // The instant of the next event. Events are numbered from 0. One that comes later than any run lasts is
  // told at an instant that no run reaches.
  Instant next();

 private:
  void enter_slot(std::int64_t slot);
  double next_gap();

  const DayCurve& rate_;
  int first_hour_;
  RandomStream gaps_;
  std::array<PhiloxBlock, 16> gap_words_{};  // of the events around the next one
  std::uint64_t events_ = 0;
  double clock_s_ = 0.0;     // seconds since the start of the current slot
  std::int64_t slot_ = 0;    // whole slots since instant 0
  double mean_gap_s_ = 0.0;  // in the current slot
};

}  // namespace tideline::workload
