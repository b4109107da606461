// The first half of a fleet: requests arrive, a balancer chooses a unit, units compute prompts in passes.
// What is done is handed over in order of time.
//
// 1. Nothing that decode does is felt here before two turns have passed (simulation.h): the halves may run
//    side by side.
// 2. A unit that leaves hands the prompts that wait in it to others; the pass that runs is ended.
#pragma once

#include <cstdint>
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
  double busy_s = 0.0;  // sum over units, in the window
};

class PrefillStage {
 public:
  PrefillStage(const Fleet& fleet, workload::ArrivalSource& arrivals, step::StepTimes& times,
               const RunSettings& settings);
  // Everything before `end`; what was completed is added to `handed`.
  void run_until(Instant end, std::vector<Handed>& handed);
  [[nodiscard]] const PrefillTotals& totals() const { return totals_; }
  // Invariants of what was handed over and what is here.
  void close_books();
  [[nodiscard]] std::string describe() const;

 private:
  enum class Phase : std::uint8_t {
    kSchedule,  // first: units that come or go do so before anything is routed
    kPassEnd,
  };
  const workload::Arrival* coming();
  void arrive(const workload::Arrival& arrival);
  void apply_schedule();
  void open_and_close_units(std::size_t units);
  void enqueue(serving::Slot slot);
  void start_pass(std::size_t unit);
  void end_pass(std::size_t unit);

  const Fleet& fleet_;
  const RunSettings& settings_;
  step::StepTimes& times_;
  workload::ArrivalSource& arrivals_;
  std::vector<workload::Arrival> coming_;  // read ahead, the next one at coming_next_
  std::size_t coming_next_ = 0;
  double kv_capacity_;                               // of a decode rank, tokens
  engine::EventQueue<Phase, std::uint32_t> events_;  // of a unit
  serving::RequestPool pool_;
  std::vector<PrefillUnit> units_;
  policy::LoadBoard free_at_;  // of the units that serve
  std::size_t serving_ = 0, schedule_next_ = 0, next_ = 0;
  std::vector<Handed>* handed_ = nullptr;
  PrefillTotals totals_;
  Books books_;
  std::int64_t next_progress_ns_;
};

}  // namespace tideline::fleet
