// The parts of a result's JSON that are about machines. Inside report.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "sim/scenario/result.h"

namespace tideline::report {

// What serves: model, kind of node, nodes in a unit of either kind.
nlohmann::ordered_json service_json(const scenario::Result& result);

// How the fleet was used in the hour of that number: columns of the series.
nlohmann::ordered_json use_json(const scenario::Result& result, std::size_t hour);

// Nodes by what they do, a line for each change. freed: the most that are held at any time, less those held
// now.
nlohmann::ordered_json nodes_json(const scenario::Result& result);

}  // namespace tideline::report
