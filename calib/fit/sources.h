// Whose measurements each point of a fitted family stands on, so that an answer can say so.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "calib/fit/fit_family.h"
#include "sim/kernels/family.h"

namespace tideline::calib {

// As a fitted file cites a measurement: "DeepGEMM PR#168, 2025-08-25 (DeepGEMM v2)".
std::string cited(const Record& record);
// Of all records, each once, in the order of the alphabet.
std::vector<std::string> cited(const std::vector<Record>& records);

// For each sample the places in `sources` of what it stands on, as text: "0 2". Those are the records of its
// own place, and of the places that it was pooled with so that its curve does not fall (they have one time
// then). REQUIRES: samples as merge() makes them of these records; every record is among the sources.
nlohmann::ordered_json sources_by_sample(const std::vector<kernels::Sample>& samples,
                                         const std::vector<Record>& records,
                                         const std::vector<std::string>& sources);

}  // namespace tideline::calib
