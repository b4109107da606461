#include "sim/fleet/roster.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/check.h"

namespace tideline::fleet {

Roster::Roster(const Availability& availability, std::int64_t nodes_per_unit, std::uint64_t seed,
               std::uint32_t run, Purpose purpose)
    : availability_(availability),
      nodes_per_unit_(nodes_per_unit),
      spares_(availability.spares),
      draws_(seed, run, purpose) {
  for (const auto& [what, outages] : {std::pair{What::kOutage, &availability_.outages},
                                      std::pair{What::kMaintenance, &availability_.maintenance}})
    for (const Outage& o : *outages) due_.push_back({o.at, what, static_cast<std::uint32_t>(o.unit), 0});
}

void Roster::set(std::size_t unit, State state) {
  Unit& u = units_[unit];
  const auto count = [&](State s) { return static_cast<int>(state == s) - static_cast<int>(u.state == s); };
  serving_ += count(State::kServing);
  draining_ += count(State::kDraining) + count(State::kEmptying);
  on_ -= count(State::kOff) + count(State::kDraining);
  const auto lives = [](State s) {
    return s == State::kServing || s == State::kDraining || s == State::kEmptying;
  };
  if (!(lives(state) && lives(u.state))) ++u.life;
  u.state = state;
}

void Roster::note(Instant now) {
  const UnitCounts units = counts();
  const std::int64_t used = availability_.spares - spares_;
  if (history_.empty() || history_.back().units != units || history_.back().spares_used != used)
    history_.push_back({now, units, used});
}

void Roster::leaves(std::size_t unit, std::vector<Changed>& changed) {
  const bool served = units_[unit].state == State::kServing;
  const bool drains = served && availability_.leaving == policy::Leaving::kDrain;
  const bool drains_already = units_[unit].state == State::kEmptying;
  set(unit, drains || drains_already ? State::kDraining : State::kOff);
  if (served)
    changed.push_back({static_cast<std::uint32_t>(unit), drains ? Change::kDrains : Change::kCloses});
}

void Roster::emptied(std::size_t unit, Instant now) {
  CHECK(drains(unit), "unit {} is empty and does not drain", unit);
  Unit& u = units_[unit];
  const bool wanted = u.state == State::kEmptying;
  const Duration work = std::exchange(u.work, Duration{});
  if (wanted) {
    go_away(unit, State::kMaintenance, now + work);
  } else {
    set(unit, State::kOff);
    if (work.ns > 0) u.back = now + work, u.away = State::kMaintenance;
  }
  note(now);
}

// Until then at least; it must start after that.
void Roster::go_away(std::size_t unit, State state, Instant until) {
  set(unit, state);
  Unit& u = units_[unit];
  u.back = std::max(u.back, until);
  u.away = state;
  due_.push_back({u.back + availability_.start_up, What::kReady, static_cast<std::uint32_t>(unit), u.life});
}

void Roster::order(std::int64_t units, Instant now, bool at_once, std::vector<Changed>& changed) {
  for (const State first :
       {State::kDown, State::kMaintenance, State::kStarting, State::kEmptying, State::kServing})
    for (std::size_t u = units_.size(); u-- > 0 && on_ > units;)
      if (units_[u].state == first) leaves(u, changed);
  for (std::size_t u = 0; u < units_.size() && on_ < units; ++u)
    if (units_[u].state == State::kDraining) {
      const bool serves = units_[u].work.ns == 0;
      set(u, serves ? State::kServing : State::kEmptying);
      if (serves) changed.push_back({static_cast<std::uint32_t>(u), Change::kOpens});
    }
  for (std::size_t u = 0; on_ < units; ++u) {
    if (u == units_.size()) units_.emplace_back();
    if (units_[u].state != State::kOff) continue;
    if (units_[u].back > now) {
      go_away(u, units_[u].away, now);
    } else if (at_once || availability_.start_up.ns == 0) {
      changed.push_back(opens(u, now));
    } else {
      set(u, State::kStarting);
      due_.push_back(
          {now + availability_.start_up, What::kReady, static_cast<std::uint32_t>(u), units_[u].life});
    }
  }
  note(now);
}

UnitCounts Roster::counts() const {
  UnitCounts counts{.serving = serving_, .draining = draining_};
  for (const Unit& u : units_) {
    counts.starting += u.state == State::kStarting;
    counts.down += u.state == State::kDown;
    counts.maintenance += u.state == State::kMaintenance;
  }
  return counts;
}

Roster::Changed Roster::opens(std::size_t unit, Instant now) {
  set(unit, State::kServing);
  const auto number = static_cast<std::uint32_t>(unit);
  if (availability_.node_mtbf.ns > 0) {
    const double mean_ns =
        static_cast<double>(availability_.node_mtbf.ns) / static_cast<double>(nodes_per_unit_);
    const double until_ns = -std::log(uniform(draws_.block(unit, units_[unit].life)[0])) * mean_ns;
    due_.push_back(
        {now + Duration{static_cast<std::int64_t>(until_ns)}, What::kFails, number, units_[unit].life});
  }
  return {number, Change::kOpens};
}

Roster::Changed Roster::lost(std::size_t unit, Instant now, Duration down) {
  ++failures_;
  Unit& u = units_[unit];
  const bool had_requests = u.state == State::kServing || drains(unit), off = u.state == State::kDraining;
  const Instant until = now + std::max(down, std::exchange(u.work, Duration{}));
  if (off)
    set(unit, State::kOff), u.back = std::max(u.back, until), u.away = State::kDown;
  else
    go_away(unit, State::kDown, until);
  return {static_cast<std::uint32_t>(unit), had_requests ? Change::kLost : Change::kNone};
}

// It leaves as any unit does; what it has of requests decides when its maintenance begins.
Roster::Changed Roster::maintain(std::size_t unit, Instant now, Duration work) {
  Unit& u = units_[unit];
  const auto number = static_cast<std::uint32_t>(unit);
  if (u.state == State::kOff) {
    u.back = std::max(u.back, now + work), u.away = State::kMaintenance;
    return {};
  }
  ++maintained_;
  if (drains(unit)) return u.work = std::max(u.work, work), Changed{};
  if (u.state == State::kServing && availability_.leaving == policy::Leaving::kDrain) {
    u.work = work;
    set(unit, State::kEmptying);
    return {number, Change::kDrains};
  }
  const bool served = u.state == State::kServing;
  go_away(unit, u.state == State::kDown ? State::kDown : State::kMaintenance, now + work);
  return {number, served ? Change::kCloses : Change::kNone};
}

// An outage, or maintenance, of that unit at that instant.
Duration Roster::lasts(const std::vector<Outage>& outages, const Due& due) {
  const auto it =
      std::ranges::find_if(outages, [&](const Outage& o) { return o.at == due.at && o.unit == due.unit; });
  CHECK(it != outages.end(), "an unknown outage of unit {}", due.unit);
  return it->down;
}

Roster::Changed Roster::act(const Due& due, Instant now) {
  const Changed changed = change(due, now);
  note(now);
  return changed;
}

Roster::Changed Roster::change(const Due& due, Instant now) {
  if (due.what == What::kRepaired) return ++spares_, Changed{};
  if (due.unit >= units_.size()) return {};
  const Unit& unit = units_[due.unit];
  if (due.what == What::kMaintenance) return maintain(due.unit, now, lasts(availability_.maintenance, due));
  if (due.what == What::kOutage)
    return unit.state == State::kOff ? Changed{} : lost(due.unit, now, lasts(availability_.outages, due));
  if (due.life != unit.life) return {};  // of an earlier life
  if (due.what == What::kReady) return opens(due.unit, now);
  CHECK(due.what == What::kFails, "an unknown change of a unit");
  // The node is repaired in any case; a spare stands in for it until then.
  if (spares_ == 0) return lost(due.unit, now, availability_.repair);
  --spares_;
  due_.push_back({now + availability_.repair, What::kRepaired, 0, 0});
  return lost(due.unit, now, Duration{0});
}

std::vector<Roster::Due> Roster::take_due() {
  std::vector<Due> due;
  due.swap(due_);
  return due;
}

}  // namespace tideline::fleet
