// What an option that counts from 0 takes: without this, -1 is read as the greatest number that there is.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tideline::tools {

inline CLI::Validator from_zero() {
  return {[](const std::string& text) {
            return text.starts_with('-') ? "wants a number of 0 or more, found " + text : std::string();
          },
          "from 0 on"};
}

}  // namespace tideline::tools
