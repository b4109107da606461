// Which units of a kind serve: those that were ordered, less those that are still starting or are down. Says
// what changes and when it must be asked again; the stage that owns it does the rest.
//
// 1. Units are numbered from 0; the lowest that are off are started first. Closed first are those that are
//    down, then those in maintenance, those that still start, those that are to go into maintenance, and
//    those that serve: of each the highest.
// 2. A unit that fails is down until it is repaired, or at once begins to start again when there is a spare
//    for it; either way it must start. It is paid for all the while.
// 3. A unit that is to leave is off at once, or drains: it takes nothing more, is paid for until it is empty,
//    and is the first to be taken back when more are wanted. Lost while it drains, it is off.
// 4. Maintenance takes a unit out as if it were to leave; it begins when the unit is off, or has drained, and
//    takes its time, after which the unit must start. The unit is wanted, and paid for, all the while: no
//    other takes its place. One that is down has its maintenance meanwhile.
// 5. A unit that is closed while it is away does not start before it would have come back.
// 6. Every failure is drawn for the unit and the number of its life alone.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/fleet/observer.h"
#include "sim/policy/leaving.h"

namespace tideline::fleet {

// A unit that is lost at an instant, whatever else happens, or is taken out for maintenance, and stays away
// for a time.
struct Outage {
  Instant at;
  std::size_t unit = 0;
  Duration down;
};

struct Availability {
  Duration start_up{};      // from the order to the first request: weights, warm-up
  Duration node_mtbf{};     // mean time between failures of a node; 0: none fails
  Duration repair{};        // of a node
  std::int64_t spares = 0;  // nodes that stand by
  std::vector<Outage> outages;
  std::vector<Outage> maintenance{};
  policy::Leaving leaving = policy::Leaving::kMigrate;
};

// Units held from an instant on: all of them are paid for.
struct UnitsFrom {
  Instant from;
  UnitCounts units;
  std::int64_t spares_used = 0;  // nodes: in units, each for one that is being repaired
};

class Roster {
 public:
  enum class What : std::uint8_t {
    kReady,
    kFails,
    kOutage,
    kMaintenance,
    kRepaired,
    kOrder,  // of the stage itself: how many units should be on is asked again
  };
  // To be told to the roster again at `at`: act(what, unit, life).
  struct Due {
    Instant at;
    What what = What::kReady;
    std::uint32_t unit = 0, life = 0;
  };
  enum class Change : std::uint8_t { kNone, kOpens, kCloses, kDrains, kLost };
  struct Changed {
    std::uint32_t unit = 0;
    Change change = Change::kNone;
  };

  // `purpose`: of the draws, so that two rosters differ.
  Roster(const Availability& availability, std::int64_t nodes_per_unit, std::uint64_t seed, std::uint32_t run,
         Purpose purpose);

  // That many units should be on. What changed at once is added to `changed`; units that serve at once where
  // `at_once` (the first order of a run) or nothing takes time.
  void order(std::int64_t units, Instant now, bool at_once, std::vector<Changed>& changed);
  Changed act(const Due& due, Instant now);
  // A unit that drains has ended what it had.
  void emptied(std::size_t unit, Instant now);

  // Everything that is to be told again, since this was last asked.
  std::vector<Due> take_due();

  [[nodiscard]] std::size_t size() const { return units_.size(); }
  [[nodiscard]] bool serves(std::size_t unit) const { return units_[unit].state == State::kServing; }
  [[nodiscard]] bool drains(std::size_t unit) const {
    return units_[unit].state == State::kDraining || units_[unit].state == State::kEmptying;
  }
  [[nodiscard]] std::int64_t serving() const { return serving_; }
  [[nodiscard]] UnitCounts counts() const;
  // Every change so far, in time order, for the books.
  [[nodiscard]] const std::vector<UnitsFrom>& history() const { return history_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  // Times that a unit which was on was taken out for maintenance.
  [[nodiscard]] std::uint64_t maintained() const { return maintained_; }

 private:
  enum class State : std::uint8_t {
    kOff,
    kStarting,
    kServing,
    kDown,
    kDraining,
    kEmptying,  // drains to go into maintenance
    kMaintenance,
  };
  struct Unit {
    State state = State::kOff;
    std::uint32_t life = 0;  // changes of state so far, but for those between serving and draining
    Instant back{std::numeric_limits<std::int64_t>::min()};  // it is away until then, in `away`
    State away = State::kDown;
    Duration work{};  // maintenance that it still has to begin
  };
  void set(std::size_t unit, State state);
  void leaves(std::size_t unit, std::vector<Changed>& changed);
  void note(Instant now);
  Changed change(const Due& due, Instant now);
  Changed opens(std::size_t unit, Instant now);
  Changed lost(std::size_t unit, Instant now, Duration down);
  Changed maintain(std::size_t unit, Instant now, Duration work);
  void go_away(std::size_t unit, State state, Instant until);
  [[nodiscard]] static Duration lasts(const std::vector<Outage>& outages, const Due& due);

  Availability availability_;
  std::int64_t nodes_per_unit_, serving_ = 0, draining_ = 0, on_ = 0, spares_;
  RandomStream draws_;
  std::vector<Unit> units_;
  std::vector<Due> due_;
  std::vector<UnitsFrom> history_;
  std::uint64_t failures_ = 0, maintained_ = 0;
};

}  // namespace tideline::fleet
