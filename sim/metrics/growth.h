// Queues that grow: is more asked of a stage than it can do? An overload of a tenth leaves no request
// unanswered in a window of an hour, if the fleet is given time after it; it shows in a queue that is longer
// the later one looks.
//
// The window is cut into spans of an hour (the last may be shorter), each span into thirds. With N1, N2, N3
// the mean number of requests in a third that are in prefill, or that found no rank with room, and n the
// requests that arrive between the middle of the first and of the last (two thirds of the span's), a queue
// grows when
//     N1 < N2 < N3   and   N3 - N1 > max(kShare n, 3 sqrt(n)).
// (N3 - N1) / n is the share of the load that the stage could not take; 3 sqrt(n) is what chance makes of a
// queue at its limit under Poisson arrivals. Error: an overload of less than 1 %, one that comes and goes
// within a span, and bursts far beyond Poisson are told wrongly; the series shows them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/base/phase.h"
#include "sim/fleet/observer.h"

namespace tideline::metrics {

struct Growth {
  Phase stage = Phase::kPrefill;
  Duration from, to;           // of the span, from the start of the window
  double first = 0, last = 0;  // N1, N3
  double arrivals = 0;         // n
  [[nodiscard]] double overload() const { return (last - first) / arrivals; }
};

class Queues {
 public:
  static constexpr double kShare = 0.01;

  explicit Queues(Duration window);
  void arrived(Instant at);
  void sampled(const fleet::Sample& sample);

  // Every span and stage whose queue grew, in order of time.
  [[nodiscard]] std::vector<Growth> growths() const;

 private:
  struct Third {
    double requests[2] = {0.0, 0.0};  // by stage, summed over turns
    std::int64_t turns = 0;
  };
  struct Span {
    std::array<Third, 3> thirds;
    std::int64_t arrivals = 0;
  };
  [[nodiscard]] Duration length(std::size_t span) const;

  Duration window_;
  std::vector<Span> spans_;
};

}  // namespace tideline::metrics
