// One input that a study varies: its path in the scenario and the values it takes, listed or by a range. Any
// value can be asked for by itself; a range of a million values holds none of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/node.h"

namespace tideline::sweep {

// As a scenario has it, and what a table of results can compute with: 125 and "Gtok" of "125 Gtok".
struct Value {
  std::string json;
  std::optional<double> number;
  std::string unit;
};

// Of one line of JSON.
Value value_of(std::string json);

struct Range {
  double from = 0, to = 0;
  std::string unit;
  bool logarithmic = false, whole = false;
};

struct Axis {
  std::string path;
  std::uint64_t count = 0;  // of values; of a range that is drawn from, 0
  std::vector<Value> listed;
  Range range;  // where nothing is listed

  // REQUIRES: k < count.
  [[nodiscard]] Value value(std::uint64_t k) const;
  // At a share of the way, in [0, 1): listed values have equal parts of it.
  [[nodiscard]] Value value_at(double share) const;
  // True where all values are numbers of one unit: "path [unit]" is then a column of numbers.
  [[nodiscard]] bool numeric() const;
  [[nodiscard]] std::string column() const;
};

// `key` of "axes": a list of values, or {"from", "to", "count", "scale": "linear" | "log", "whole"}; without
// "count" where `drawn`. Fails: records problems.
Axis read_axis(const config::Node& axes, std::string_view key, bool drawn);

}  // namespace tideline::sweep
