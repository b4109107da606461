// The first half of a fleet: requests arrive, a balancer chooses a unit, units compute prompts in passes.
// What is done is handed over in order of time.
//
// 1. Nothing that decode does is felt here before two turns have passed (simulation.h): the halves may run
//    side by side.
// 2. A unit that leaves hands the prompts that wait in it to others; the pass that runs is ended. A unit that
//    is lost takes what it computed with it: its prompts begin anew elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/event_queue.h"
#include "sim/fleet/books.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/handed.h"
#include "sim/fleet/prefill_unit.h"
#include "sim/fleet/run_settings.h"
#include "sim/policy/load_board.h"
#include "sim/serving/request_pool.h"
#include "sim/step/step_times.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

struct PrefillTotals {
  std::uint64_t arrived = 0;          // over the whole run
  std::uint64_t window_requests = 0;  // arrived in the window
  std::uint64_t rejected = 0;         // could never fit on a rank; not among the arrived
  std::uint64_t passes = 0, window_passes = 0;
  double busy_s = 0.0;        // sum over units, in the window
  std::uint64_t retried = 0;  // came back from decode, or were in a prefill unit that was lost
  std::uint64_t failures = 0;
};

class PrefillStage {
 public:
  PrefillStage(const Fleet& fleet, workload::ArrivalSource& arrivals, step::StepTimes& times,
               const RunSettings& settings);
  // Everything before `end`; what was completed is added to `handed`. `lost`: requests that come back, their
  // KV cache lost with a decode unit; they are queued at once.
  void run_until(Instant end, std::span<const Handed> lost, std::vector<Handed>& handed);
  [[nodiscard]] const PrefillTotals& totals() const { return totals_; }
  [[nodiscard]] const Roster& roster() const { return roster_; }
  // Invariants of what was handed over and what is here.
  void close_books();
  [[nodiscard]] std::string describe() const;

 private:
  enum class Phase : std::uint8_t {
    kUnits,  // first: units that come or go do so before anything is routed
    kPassEnd,
  };
  struct Event {
    std::uint32_t unit = 0, epoch = 0;  // epoch: of the unit's passes, or its life in the roster
    Roster::What what = Roster::What::kReady;
  };
  const workload::Arrival* coming();
  void arrive(const workload::Arrival& arrival);
  void retry(const Handed& lost);
  [[nodiscard]] Instant came(serving::Slot slot) const;
  void units_change(const Event& event);
  void order(std::int64_t units, bool at_once = false);
  void follow_schedule(bool at_once = false);
  void control();
  void apply(const std::vector<Roster::Changed>& changed);
  void enqueue(serving::Slot slot);
  void start_pass(std::size_t unit);
  void end_pass(std::size_t unit);

  const Fleet& fleet_;
  const RunSettings& settings_;
  step::StepTimes& times_;
  workload::ArrivalSource& arrivals_;
  std::vector<workload::Arrival> coming_;  // read ahead, the next one at coming_next_
  std::size_t coming_next_ = 0;
  double kv_capacity_;  // of a decode rank, tokens
  engine::EventQueue<Phase, Event> events_;
  serving::RequestPool pool_;
  std::vector<PrefillUnit> units_;
  std::vector<std::uint32_t> epoch_;  // by unit: of its passes, another after each loss
  Roster roster_;
  policy::ReactiveScaling scaling_;
  double fill_ = 0.0;          // of the passes since control last looked: sum of used shares, in seconds
  policy::LoadBoard free_at_;  // by unit; never where it does not serve
  std::vector<serving::Slot> homeless_;  // no unit serves
  std::size_t schedule_next_ = 0, next_ = 0;
  std::map<serving::Slot, Instant> came_back_;  // those that were lost in decode: when
  std::vector<Handed>* handed_ = nullptr;
  PrefillTotals totals_;
  Books books_;
  std::int64_t next_progress_ns_;
};

}  // namespace tideline::fleet
