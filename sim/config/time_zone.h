// The time zone that a service's clock shows, held to the moment at which its window begins.
#pragma once

#include <string>

#include "sim/config/node.h"
#include "sim/config/start.h"

namespace tideline::config {

// "time_zone" of an object: an IANA name, "UTC" where there is none. Fails: a problem where no zone has that
// name, or where its clocks are at the offset of `start` in no season: as this machine's tzdata has it, and
// unnoticed where there is none.
std::string read_time_zone(const Node& node, const Start& start);

}  // namespace tideline::config
