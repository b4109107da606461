#include "sim/fleet/orders.h"

#include "sim/base/check.h"

namespace tideline::fleet {

std::int64_t Orders::scheduled(Instant now) {
  while (step_ < schedule_.size() && schedule_[step_].from <= now) ++step_;
  CHECK(step_ > 0, "the schedule begins after the run");
  return schedule_[step_ - 1].*kind_;
}

std::optional<Instant> Orders::next(Instant now) const {
  if (scaling_settings_.by_load()) return now + scaling_settings_.every;
  if (step_ < schedule_.size()) return schedule_[step_].from;
  return std::nullopt;
}

}  // namespace tideline::fleet
