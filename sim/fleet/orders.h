// How many units of a kind are ordered, and when that is asked again: as the fleet's schedule says from one
// of its steps to the next, or as load wants at every look, from the schedule's first numbers on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/policy/scaling.h"

namespace tideline::fleet {

class Orders {
 public:
  // `kind`: the member of a step that counts these units.
  Orders(const std::vector<ScheduleStep>& schedule, std::int64_t ScheduleStep::*kind,
         const policy::ScalingSettings& scaling)
      : schedule_(schedule), kind_(kind), scaling_settings_(scaling), scaling_(scaling) {}

  // The first order of a run.
  [[nodiscard]] std::int64_t first(Instant now) { return scheduled(now); }
  // `load()`: of all units together, as policy::Scaling wants it; asked only where it is what counts.
  template <class Load>
  [[nodiscard]] std::int64_t units(Instant now, Load load) {
    return scaling_settings_.by_load() ? scaling_.units(load()) : scheduled(now);
  }
  // When the next order is due; none after the last step of a schedule.
  [[nodiscard]] std::optional<Instant> next(Instant now) const;

 private:
  std::int64_t scheduled(Instant now);

  const std::vector<ScheduleStep>& schedule_;
  std::int64_t ScheduleStep::*kind_;
  std::size_t step_ = 0;  // steps that have begun
  policy::ScalingSettings scaling_settings_;
  policy::Scaling scaling_;
};

}  // namespace tideline::fleet
