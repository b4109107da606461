#include "sim/workload/arrival_clock.h"

#include <fmt/format.h>

#include <cmath>

namespace tideline::workload {
namespace {

constexpr double kSlotSeconds = 86400.0 / kSlotsPerDay;
constexpr std::int64_t kSlotNs = 24 * kNsPerHour / kSlotsPerDay;
// A slot without load: the clock jumps over it.
constexpr double kNoGap = 1e18;
// Later than any run lasts: a rate next to nothing would be sought through slots without end.
constexpr std::int64_t kSlotMax = kLongestNs / kSlotNs;

}  // namespace

std::string too_many_requests(double per_second) {
  return fmt::format("{:.3g} requests a second: at most {:.0f}", per_second, kRequestsPerSecondMax);
}

ArrivalClock::ArrivalClock(const DayCurve& rate, int first_hour, RandomStream gaps, Instant start)
    : rate_(rate), first_hour_(first_hour), gaps_(gaps) {
  const std::int64_t slot = start.ns >= 0 ? start.ns / kSlotNs : -((-start.ns + kSlotNs - 1) / kSlotNs);
  enter_slot(slot);
  clock_s_ = to_seconds(Instant{start.ns - slot * kSlotNs}).value();
}

void ArrivalClock::enter_slot(std::int64_t slot) {
  slot_ = slot;
  const std::int64_t first = first_hour_ * (kSlotsPerDay / 24);
  const std::int64_t local = ((first + slot) % kSlotsPerDay + kSlotsPerDay) % kSlotsPerDay;
  const double rate = rate_[static_cast<std::size_t>(local)];
  mean_gap_s_ = rate > 0.0 ? 1.0 / rate : kNoGap;
}

// A gap in units of the mean gap.
double ArrivalClock::next_gap() {
  const std::uint64_t word = events_ % (4 * gap_words_.size());
  if (word == 0) {
    for (std::size_t i = 0; i < gap_words_.size(); ++i)
      gap_words_[i] = RandomStream::counter(events_ / 4 + i);
    gaps_.blocks(gap_words_);
  }
  ++events_;
  return -std::log(uniform(gap_words_[word / 4][word % 4]));
}

Instant ArrivalClock::next() {
  double gap = next_gap();
  // Past the end of a slot what is left of the gap is spent at the next slot's rate (time rescaling).
  while (clock_s_ + gap * mean_gap_s_ >= kSlotSeconds) {
    gap -= (kSlotSeconds - clock_s_) / mean_gap_s_;
    clock_s_ = 0.0;
    enter_slot(slot_ + 1);
    if (slot_ >= kSlotMax) return Instant{kSlotMax * kSlotNs};
  }
  clock_s_ += gap * mean_gap_s_;
  return Instant{slot_ * kSlotNs} + to_duration(Seconds(clock_s_));
}

}  // namespace tideline::workload
