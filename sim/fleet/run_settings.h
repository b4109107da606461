// How a fleet is run: for how long, from which seed.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/base/time.h"
#include "sim/fleet/tale.h"

namespace tideline::fleet {

struct RunSettings {
  std::uint64_t seed = 1;  // of what the fleet draws: accepted drafts, failures, choices
  std::uint32_t run = 0;
  Duration window{24 * kNsPerHour};  // requests that arrive in [0, window) are the ones that count
  Duration warm_up{kNsPerHour / 2};
  Duration patience{6 * kNsPerHour};  // past the window, before the fleet is called saturated
  // Prompts. Assumed: some gigabytes; the flagship on a third of its units comes to as many in half a day.
  std::size_t waiting_max = std::size_t{1} << 26;
  int threads = 1;  // 2: prefill and decode side by side; the results are the same bytes
  // About once per simulated minute, from the thread that reads arrivals.
  std::function<void(Instant now, std::uint64_t requests)> progress;
  Tale* tale = nullptr;  // of a request to follow; the run ends with it. REQUIRES: one thread

  [[nodiscard]] Instant start() const { return {-warm_up.ns}; }
  [[nodiscard]] bool in_window(Instant t) const { return t.ns >= 0 && t.ns < window.ns; }
};

}  // namespace tideline::fleet
