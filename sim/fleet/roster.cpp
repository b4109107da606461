#include "sim/fleet/roster.h"

#include <cmath>

#include "sim/base/check.h"

namespace tideline::fleet {

Roster::Roster(const Availability& availability, std::int64_t nodes_per_unit, std::uint64_t seed,
               std::uint32_t run, Purpose purpose)
    : availability_(availability),
      nodes_per_unit_(nodes_per_unit),
      spares_(availability.spares),
      draws_(seed, run, purpose) {
  for (const Outage& o : availability.outages)
    due_.push_back({o.at, What::kOutage, static_cast<std::uint32_t>(o.unit), 0});
}

void Roster::set(std::size_t unit, State state) {
  Unit& u = units_[unit];
  const auto count = [&](State s) { return static_cast<int>(state == s) - static_cast<int>(u.state == s); };
  serving_ += count(State::kServing);
  draining_ += count(State::kDraining);
  on_ -= count(State::kOff) + count(State::kDraining);
  const bool goes_on = (state == State::kDraining && u.state == State::kServing) ||
                       (state == State::kServing && u.state == State::kDraining);
  if (!goes_on) ++u.life;
  u.state = state;
}

void Roster::note(Instant now) {
  const UnitCounts units = counts();
  if (history_.empty() || history_.back().units != units) history_.push_back({now, units});
}

void Roster::leaves(std::size_t unit, std::vector<Changed>& changed) {
  const bool served = units_[unit].state == State::kServing;
  const bool drains = served && availability_.leaving == policy::Leaving::kDrain;
  set(unit, drains ? State::kDraining : State::kOff);
  if (served)
    changed.push_back({static_cast<std::uint32_t>(unit), drains ? Change::kDrains : Change::kCloses});
}

void Roster::emptied(std::size_t unit, Instant now) {
  CHECK(drains(unit), "unit {} is empty and does not drain", unit);
  set(unit, State::kOff);
  note(now);
}

void Roster::order(std::int64_t units, Instant now, bool at_once, std::vector<Changed>& changed) {
  for (const State first : {State::kDown, State::kStarting, State::kServing})
    for (std::size_t u = units_.size(); u-- > 0 && on_ > units;)
      if (units_[u].state == first) leaves(u, changed);
  for (std::size_t u = 0; u < units_.size() && on_ < units; ++u)
    if (drains(u)) {
      set(u, State::kServing);
      changed.push_back({static_cast<std::uint32_t>(u), Change::kOpens});
    }
  for (std::size_t u = 0; on_ < units; ++u) {
    if (u == units_.size()) units_.emplace_back();
    if (units_[u].state != State::kOff) continue;
    if (at_once || availability_.start_up.ns == 0) {
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
  if (drains(unit)) {
    emptied(unit, now);
    return {static_cast<std::uint32_t>(unit), Change::kLost};
  }
  const bool served = units_[unit].state == State::kServing;
  set(unit, State::kDown);
  due_.push_back({now + down + availability_.start_up, What::kReady, static_cast<std::uint32_t>(unit),
                  units_[unit].life});
  return {static_cast<std::uint32_t>(unit), served ? Change::kLost : Change::kNone};
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
  if (due.what == What::kOutage) {
    if (unit.state == State::kOff) return {};
    for (const Outage& o : availability_.outages)
      if (o.at == now && o.unit == due.unit) return lost(due.unit, now, o.down);
  }
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
