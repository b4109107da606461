// A request on its way from one half of the fleet to the other: from prefill to decode when its prompt is
// computed, and back when the decode unit that held its KV cache is lost.
#pragma once

#include <cstdint>

#include "sim/base/time.h"

namespace tideline::fleet {

struct Handed {
  Instant at;  // when it was computed, or lost
  std::uint64_t id = 0;
  Instant arrival, first_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::int32_t made = 0;  // tokens of the answer that must be computed again with the prompt
  std::uint8_t request_class = 0;
};

}  // namespace tideline::fleet
