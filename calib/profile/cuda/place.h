// Where in the source a call stands, for messages: std::source_location, which clang 14 does not have with
// the standard library of Debian 12.
#pragma once

#include <string>

namespace tideline::profile {

struct Place {
  const char* file;
  int line;
  static constexpr Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

// "timer.cpp:12: "
inline std::string to_string(const Place& place) {
  const std::string file = place.file;
  return file.substr(file.rfind('/') + 1) + ":" + std::to_string(place.line) + ": ";
}

}  // namespace tideline::profile
