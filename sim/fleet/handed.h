// What the two halves of the fleet tell one another: prefill hands over requests whose prompt is computed;
// decode says, two turns later, which caches it has taken and which requests must be computed again.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/time.h"
#include "sim/fleet/observer.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

// Where a KV cache lies before it is moved to a decode rank.
struct Origin {
  std::uint32_t unit = 0;  // of prefill, or of decode when it changes units
  std::uint32_t life = 0;  // of the prefill unit: another after each loss
  std::uint16_t gpu = 0;
  bool decode = false;
  Instant begun{};  // when the pass that completed it began: from then on its layers could be sent
};

struct Handed {
  Instant at;  // when it was computed, or lost
  std::uint64_t id = 0;
  Instant arrival, first_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::int32_t made = 0;   // tokens of the answer that must be computed again with the prompt
  std::int32_t steps = 0;  // of decode that the rest of the answer takes, as drawn; unknown before prefill
  std::uint8_t request_class = 0;
  bool begun = false;  // of the answer: its first step has, before it was lost
  Origin origin{};
};

// A prefill unit was lost, with the caches that were computed in it and not taken yet.
struct LostOrigin {
  Instant at;
  std::uint32_t unit = 0, life = 0;
};

// A cache of so many tokens has left the memory of a prefill unit.
struct Taken {
  std::uint32_t unit = 0, life = 0;
  std::int64_t tokens = 0;
};

// In order of time.
struct FromPrefill {
  std::vector<Handed> handed;
  std::vector<LostOrigin> lost;
  // For observers.
  std::vector<workload::Arrival> arrived;
  std::vector<Began> began;
  std::vector<SetBack> set_back;
  Sample::Prefill sample;  // at the end
  void clear() { handed.clear(), lost.clear(), arrived.clear(), began.clear(), set_back.clear(); }
};
struct FromDecode {
  std::vector<Handed> lost;
  std::vector<Taken> taken;
  void clear() { lost.clear(), taken.clear(); }
};

}  // namespace tideline::fleet
