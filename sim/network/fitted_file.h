// Whose fitted all-to-alls a node type goes by: its own, calib/fitted/<node>.json beside the folder of facts;
// or, where nobody has measured it, those of h800-8: its shares of the links' rates and its start-up times,
// with the rates of the node itself.
#pragma once

#include <string>

namespace tideline::network {

struct FittedFile {
  std::string path;
  std::string node;  // whose measurements they are
};

// Has this node a fitted file of its own?
bool has_fitted(const std::string& node);

// Fails: throws InputError when neither this node nor h800-8 has a file.
FittedFile find_fitted(const std::string& node);

}  // namespace tideline::network
