// Where the fitted all-to-alls of a node type stand: calib/fitted/<node>.json, beside the folder of facts.
#pragma once

#include <string>

namespace tideline::network {

// Fails: throws InputError naming the fitted nodes when this one has no file.
std::string find_fitted(const std::string& node);

}  // namespace tideline::network
