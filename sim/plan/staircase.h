// From needs, interval by interval, to a schedule: units that are not given back for a short time, and are
// ordered as long before they serve as they take to start.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/plan/search.h"

namespace tideline::plan {

// Units of one side with every dip that is shorter than `intervals` filled up. A day is followed by its like
// where `round`.
std::vector<std::int64_t> held(const std::vector<std::int64_t>& units, std::size_t intervals, bool round);

// The schedule of `units`, one entry an interval from instant 0 on, as a scenario can say it: in whole
// minutes, the same every day. Units of less than a day stay until the warm-up of the next begins, or it
// itself where that is before their end, and then those that it begins with serve. More units are ordered
// `start_up` before they serve, or up to a minute more.
std::vector<fleet::ScheduleStep> schedule(const std::vector<Units>& units, Duration interval,
                                          Duration warm_up, Duration prefill_start_up,
                                          Duration decode_start_up);

}  // namespace tideline::plan
