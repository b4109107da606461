// Inside config: one JSON text into a tree of values, each value and key with its line and column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/value.h"

namespace tideline::config {

inline constexpr std::size_t kDepthMax = 64;  // of lists and objects in one another

// `file` is the index of the text in `store.files`.
// Fails: throws InputError on broken JSON, on a key that stands twice in one object, on deeper nesting.
Value parse_text(const std::string& text, const Store& store, std::size_t file);

// Where reading stopped, for a message that says why.
struct Stop {
  enum class After { kStart, kOpen, kKey, kValue };
  struct Open {
    char bracket;
    Place place;
  };
  std::string_view text;
  std::size_t last_end = 0;  // of the last piece that was understood
  std::size_t start = 0;     // of the piece that was not: the end of the text, or no space, comma or colon
  After after = After::kStart;
  std::vector<Open> open;  // brackets not closed yet
};

std::string why_broken(const Stop& stop);

}  // namespace tideline::config
