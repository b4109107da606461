// calib/timings/<gpu>/deepep_*.csv -> the fitted all-to-alls of a node: start-up times, efficiencies by size
// and the slow-down beside compute, with the residual of each published row and its error when it is left
// out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tideline::calib {

// What stands in calib/fitted/<node>.json for a node with one 400 Gb/s NIC per GPU and H800's NVLink. Fitted
// are DeepEP's stand-alone tables of one version and the training trace beside them; other versions are
// compared. Fails: throws InputError naming the table, line and column.
nlohmann::ordered_json fit_all_to_all(const std::string& timings_folder);

}  // namespace tideline::calib
