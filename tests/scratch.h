// Where a test may write: a path that no other process has, so that two runs of a test do not meet.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace tideline::testing {

inline std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::temp_directory_path() / ("tideline-" + std::to_string(getpid()) + "-" + name);
}

}  // namespace tideline::testing
