// What prefill hands to decode: a request whose prompt is computed.
#pragma once

#include <cstdint>

#include "sim/base/time.h"

namespace tideline::fleet {

struct Handed {
  std::uint64_t id = 0;
  Instant arrival, first_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::uint8_t request_class = 0;
};

}  // namespace tideline::fleet
