// How long a request is, and how long one may be.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/config/node.h"

namespace tideline::workload {

struct Lengths {
  // Tokens that are read.
  static constexpr std::int64_t kInputMax = std::int64_t{1} << 24, kOutputMax = 65536;

  std::int32_t input = 1;      // tokens of the prompt, those found in the prefix cache included; at least 1
  std::int32_t cached = 0;     // of these, found in the prefix cache; at least one token is always computed
  std::int32_t output = 1;     // tokens of the answer, the first (made by prefill) included; at least 1
  std::int32_t in_memory = 0;  // of those found in the prefix cache: what need not be read from storage
};

// What is drawn longer is cut to it, in tokens.
struct LengthsMax {
  std::int32_t input = 0, output = 0;
};
// "input_max" and "output_max" of a class or a kind of session.
LengthsMax read_lengths_max(const config::Node& node);

}  // namespace tideline::workload
