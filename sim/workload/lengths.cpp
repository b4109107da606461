#include "sim/workload/lengths.h"

#include <algorithm>
#include <string>

namespace tideline::workload {
namespace {

std::int32_t read_max(const config::Node& node, std::string_view key, std::int64_t absent,
                      std::int64_t limit) {
  const std::int64_t max = node.positive(key, absent);
  if (max > limit) node.problem(key, "at most " + std::to_string(limit) + " tokens");
  return static_cast<std::int32_t>(std::min(max, limit));
}

}  // namespace

LengthsMax read_lengths_max(const config::Node& node) {
  return {.input = read_max(node, "input_max", 131072, Lengths::kInputMax),
          .output = read_max(node, "output_max", Lengths::kOutputMax, Lengths::kOutputMax)};
}

}  // namespace tideline::workload
