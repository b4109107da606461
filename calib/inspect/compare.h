// Two kernel models side by side on the kernels of a DeepSeek-V3 layer: a decode micro-batch of 64 requests
// with two tokens each over 4,096 cached ones, two experts a GPU; a prefill micro-batch of 8,192 tokens in
// prompts of 4,096, nine experts a GPU. Stand-alone, on all SMs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/kernels/kernel_model.h"

namespace tideline::calib {

struct Side {
  std::string name;
  kernels::KernelModel model;
};

nlohmann::ordered_json compare(const Side& a, const Side& b);
std::string compare_text(const nlohmann::ordered_json& compared);

}  // namespace tideline::calib
