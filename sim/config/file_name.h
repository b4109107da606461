// A text where a name of the catalog or a file of one's own may stand.
#pragma once

#include <string>

namespace tideline::config {

// Whether it is the path of a file rather than a name: it holds '/' or ends in ".json".
inline bool names_a_file(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".json");
}

}  // namespace tideline::config
