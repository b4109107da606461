// calib/timings/<gpu> -> calib/fitted/<gpu>.json: every family of kernels of one GPU, how kernels are slowed
// by an all-to-all beside them, and how they follow one another.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/catalog/hardware.h"

namespace tideline::calib {

// Fails: throws InputError naming the table, line and column.
nlohmann::ordered_json fit_gpu(const catalog::Gpu& gpu, const std::string& timings_folder);

}  // namespace tideline::calib
