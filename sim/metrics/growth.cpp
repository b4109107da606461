#include "sim/metrics/growth.h"

#include <algorithm>
#include <cmath>

namespace tideline::metrics {

Queues::Queues(Duration window)
    : window_(window), spans_(static_cast<std::size_t>((window.ns + kNsPerHour - 1) / kNsPerHour)) {}

Duration Queues::length(std::size_t span) const {
  return hour_length(window_, span);
}

void Queues::arrived(Instant at) {
  if (at.ns >= 0 && at.ns < window_.ns) ++spans_[static_cast<std::size_t>(at.ns / kNsPerHour)].arrivals;
}

void Queues::sampled(const fleet::Sample& s) {
  const std::int64_t ns = s.at.ns - 1;  // the end of a turn belongs to it
  if (ns < 0 || ns >= window_.ns) return;
  const auto span = static_cast<std::size_t>(ns / kNsPerHour);
  Third& third = spans_[span].thirds[static_cast<std::size_t>(3 * (ns % kNsPerHour) / length(span).ns)];
  third.requests[0] += static_cast<double>(s.prefill.waiting + s.prefill.computing);
  third.requests[1] += static_cast<double>(s.decode.waiting);
  ++third.turns;
}

std::vector<Growth> Queues::growths() const {
  std::vector<Growth> growths;
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    const std::array<Third, 3>& thirds = spans_[i].thirds;
    if (std::ranges::any_of(thirds, [](const Third& t) { return t.turns == 0; })) continue;
    const double n = static_cast<double>(spans_[i].arrivals) * 2.0 / 3.0;
    for (const Phase stage : {Phase::kPrefill, Phase::kDecode}) {
      const auto mean = [&](std::size_t third) {
        return thirds[third].requests[static_cast<std::size_t>(stage)] /
               static_cast<double>(thirds[third].turns);
      };
      const double first = mean(0), last = mean(2);
      if (!(first < mean(1) && mean(1) < last)) continue;
      if (last - first <= std::max(kShare * n, 3.0 * std::sqrt(n))) continue;
      const Duration from{static_cast<std::int64_t>(i) * kNsPerHour};
      growths.push_back({stage, from, from + length(i), first, last, n});
    }
  }
  return growths;
}

}  // namespace tideline::metrics
