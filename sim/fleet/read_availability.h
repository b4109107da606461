// Inside fleet: reads when units of a kind are not there: start-up, failures, outages, maintenance.
#pragma once

#include <cstdint>

#include "sim/config/node.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/roster.h"

namespace tideline::fleet {

// "start_up", "leaving", "maintenance" and "failures" of a kind of unit. Nothing fails where nothing is said.
Availability read_availability(const config::Node& unit, const Simulated& simulated);

// An outage of a unit that there never is would go by unnoticed: a problem at its "unit".
void check_units(const config::Node& unit, const Availability& availability, std::int64_t units_most);

}  // namespace tideline::fleet
