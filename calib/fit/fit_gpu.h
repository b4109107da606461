// calib/timings -> calib/fitted/<gpu>.json: every family of kernels of one GPU, how kernels are slowed by an
// all-to-all beside them, and how they follow one another.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/catalog/hardware.h"

namespace tideline::calib {

// What has a table in <timings>/<gpu> is fitted to it; the rest is transferred (calib/fit/transfer.h) from
// `from`, or if that is empty from the GPU of the same SM architecture that has all tables and is nearest in
// peak and bandwidth.
// Fails: throws InputError naming the table, line and column; or the GPU that nothing can be transferred to.
nlohmann::ordered_json fit_gpu(const catalog::Gpu& gpu, const std::string& timings,
                               const std::string& from = "");

}  // namespace tideline::calib
