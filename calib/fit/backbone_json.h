// A backbone in a file of calib/fitted, and back.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/catalog/hardware.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

// Of a family on a GPU, nothing fitted yet: its peak, bandwidth and SMs.
kernels::Backbone backbone_on(const kernels::FamilyInfo& info, const catalog::Gpu& gpu);
// The same with what was fitted.
kernels::Backbone backbone_of(const kernels::FamilyInfo& info, const catalog::Gpu& gpu,
                              const nlohmann::ordered_json& fitted);
nlohmann::ordered_json backbone_json(const kernels::Backbone& b);

}  // namespace tideline::calib
