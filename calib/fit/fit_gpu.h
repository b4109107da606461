// calib/timings -> calib/fitted/<gpu>.json: every family of kernels of one GPU, how kernels are slowed by an
// all-to-all beside them, and how they follow one another.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/catalog/hardware.h"

namespace tideline::calib {

struct FitSources {
  std::string timings{};               // folder of calib/timings
  std::vector<std::string> records{};  // files of records beside those of <timings>/<gpu>/*.jsonl
  std::string from{};  // the GPU that is transferred from; empty: the nearest that has all tables
  // Families with enough records are fitted to them alone, not to tables of another's machine or library.
  bool prefer_records = false;
};

struct FittedGpu {
  nlohmann::ordered_json fitted;        // what calib/fitted/<gpu>.json holds
  std::map<std::string, int> used;      // records that landed, by family; "contention": pairs
  std::map<std::string, int> left_out;  // records that did not, by reason
};

// A family is fitted to its table in <timings>/<gpu> and to records that time the same
// (calib/fit/measurements.h). What has neither is transferred (calib/fit/transfer.h) from the GPU of the same
// SM architecture that is nearest in peak and bandwidth.
// Fails: throws InputError naming the table, line and column; or the GPU that nothing can be transferred to.
FittedGpu fit_gpu(const catalog::Gpu& gpu, const FitSources& sources);

// What stands in a file of calib/fitted. Fails: throws InputError at a number that is not finite, which no
// reader would take.
std::string fitted_text(const nlohmann::ordered_json& fitted, const std::string& file);

}  // namespace tideline::calib
