// What users notice when a unit is lost, and for how long.
//
// Read from the minutes of the series by Little's law (time in a place = requests there / requests through it
// a second), so that a request counts where it is and not hours later when it ends:
//     to the first token  = prompts in prefill / arrivals a second
//     a token             = answers in decode, those that wait or travel among them / tokens a second
// Error: exact for what stands still; while a queue grows or shrinks in a minute, that minute is too high or
// too low by its growth. Units that are ordered and start are not lost.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sim/metrics/series.h"

namespace tideline::metrics {

struct Disturbance {
  // Of one of the two times, in seconds. Minutes are numbers in the series.
  struct Felt {
    double before = 0;  // mean of the ten minutes before the loss
    double worst = 0;   // of a minute, until it is back
    std::size_t worst_at = 0;
    // Five minutes together are no more than a tenth above before, from then on and until all units serve
    // again: a queue may drain and fill once more while one is down.
    std::optional<std::size_t> back;
  };
  std::size_t lost = 0;              // the first minute in which a unit is down
  std::optional<std::size_t> whole;  // the first in which none is
  Felt first_token, token;
};

// In order of time. A loss before another one is whole again belongs to that; one without ten minutes before
// it is left out.
std::vector<Disturbance> disturbances(std::span<const Minute> minutes);

}  // namespace tideline::metrics
