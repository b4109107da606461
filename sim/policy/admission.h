// When a decode rank takes a request in: what must be free of its KV blocks. How long an answer will be no
// engine knows; the policies that do know it say so.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "sim/base/policy.h"

namespace tideline::policy {

enum class Admission { kWholeAnswer, kPromptOnly, kReserve };

inline constexpr std::array kAdmissions = {
    Policy<Admission>{"whole_answer", "where its own end fits beside what is there now: foresight of one",
                      Admission::kWholeAnswer},
    Policy<Admission>{"prompt_only", "where what it holds now fits and a watermark stays free, as in vLLM",
                      Admission::kPromptOnly},
    Policy<Admission>{"reserve",
                      "where the ends of all fit together: foresight, and nothing is ever taken off",
                      Admission::kReserve},
};

struct AdmissionSettings {
  Admission kind = Admission::kWholeAnswer;
  // Share of a rank's blocks that `prompt_only` leaves free for answers that grow. Source: the default of
  // vLLM's first engine (BlockSpaceManager), 0.01.
  double watermark = 0.01;
};

// In KV blocks. What stands on a rank or is on its way there, now and when each has reached its end; and of
// the request that asks.
struct AdmissionView {
  std::int64_t capacity = 0, occupied = 0, ends = 0;
  std::int64_t request_now = 0, request_end = 0;
};

// An empty rank takes whatever fits: a watermark must not shut anyone out for ever.
inline bool admits(const AdmissionSettings& settings, const AdmissionView& v) {
  if (settings.kind == Admission::kReserve) return v.ends + v.request_end <= v.capacity;
  if (settings.kind == Admission::kWholeAnswer) return v.occupied + v.request_end <= v.capacity;
  const double kept = v.occupied == 0 ? 0.0 : std::ceil(settings.watermark * static_cast<double>(v.capacity));
  return v.occupied + v.request_now + static_cast<std::int64_t>(kept) <= v.capacity;
}

}  // namespace tideline::policy
