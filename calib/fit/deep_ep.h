// calib/timings/<gpu>/deepep_*.csv -> what the mechanistic all-to-alls (sim/network/deep_ep.h) need: start-up
// times, one efficiency a mode, and a staging rate for the library of February 2025. Ports, copies and
// imbalance are counted, not fitted.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tideline::calib {

// "deep_ep" of calib/fitted/<node>.json. An efficiency makes the largest error over its rows as small as can
// be, dispatch and combine, all sizes; sigma is over rows left out. `low_latency`: of the closed form, for
// its start-up times. Fails: throws InputError naming the table, line and column.
nlohmann::ordered_json fit_deep_ep(const std::string& timings_folder,
                                   const nlohmann::ordered_json& low_latency);

}  // namespace tideline::calib
