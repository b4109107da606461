// For tests of what is published elsewhere and lies beside the source tree, where it does.
#pragma once

#include <cstdio>
#include <string>

namespace tideline::testing {

// Set by skip(): main() tells ctest that the program was skipped, unless a test in it failed.
inline bool skipped = false;
constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of tools/cmake/test.cmake

inline void skip(const std::string& missing) {
  std::printf("skipped: %s is not here\n", missing.c_str());
  skipped = true;
}

}  // namespace tideline::testing
