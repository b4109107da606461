// The first half of a fleet: requests arrive, a balancer chooses a unit, units compute prompts in passes.
// What is done is handed over in order of time.
//
// 1. Nothing that decode does is felt here before two turns have passed (simulation.h): the halves may run
//    side by side. A unit whose memory is full of finished caches therefore begins again one to two seconds
//    after decode has taken some.
// 2. A unit that leaves hands the prompts that wait in it to others, and the pass that runs is ended; what it
//    has of a prompt that is cut is computed again elsewhere. Or it drains: it ends its prompts and stays
//    until it hears that decode has taken their caches. A unit that is lost takes what it computed with it:
//    its prompts begin anew elsewhere, and those whose caches decode has not taken yet come back from there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/event_queue.h"
#include "sim/fleet/answers.h"
#include "sim/fleet/books.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/handed.h"
#include "sim/fleet/observer.h"
#include "sim/fleet/orders.h"
#include "sim/fleet/prefill_unit.h"
#include "sim/fleet/run_settings.h"
#include "sim/fleet/unit_time.h"
#include "sim/policy/load_board.h"
#include "sim/step/step_times.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

struct PrefillTotals {
  std::uint64_t arrived = 0;          // over the whole run
  std::uint64_t window_requests = 0;  // arrived in the window
  // In the window; could never fit on a rank or a prefill unit, and not among the arrived.
  std::uint64_t rejected = 0;
  std::uint64_t passes = 0, window_passes = 0;
  double tokens = 0.0, window_tokens = 0.0;  // that these compute
  double busy_s = 0.0;        // sum over units, in the window
  double fills = 0.0;         // of the budget of work, sum over passes in the window
  std::uint64_t retried = 0;  // came back from decode, or begun by a prefill unit that was lost
  std::uint64_t failures = 0, maintained = 0;
  std::uint64_t held_up = 0;     // passes that could not begin because decode had not taken finished caches
  double memory_fill_max = 0.0;  // fullest unit ever, of its memory for caches
};

class PrefillStage {
 public:
  PrefillStage(const Fleet& fleet, const Answers& answers, workload::ArrivalSource& arrivals,
               step::StepTimes& times, const RunSettings& settings);
  // A turn that ends then begins. `in`: what decode did in an earlier one; requests that come back are queued
  // at once. What is begun, completed or lost is added to `out`.
  void begin_turn(Instant end, const FromDecode& in, FromPrefill& out);
  // Everything before `end`.
  void run_until(Instant end, FromPrefill& out);
  // What is looked at once a turn.
  void end_turn(FromPrefill& out);
  [[nodiscard]] const PrefillTotals& totals() const { return totals_; }
  [[nodiscard]] const Roster& roster() const { return roster_; }
  // Invariants of what was handed over and what is here.
  void close_books();
  [[nodiscard]] std::string describe() const;
  // Memory is at its end. Fails: throws Overload, where the requests that wait have taken it.
  void refuse_for_memory() const;

 private:
  enum class Phase : std::uint8_t {
    kUnits,  // first: units that come or go do so before anything is routed
    kPassEnd,
    kRead,  // last: an idle unit looks whether a prefix has been read
  };
  struct Event {
    std::uint32_t unit = 0, epoch = 0;  // epoch: of the unit's passes, or its life in the roster
    Roster::What what = Roster::What::kReady;
  };
  // What a prompt has behind it.
  struct Before {
    std::int32_t made = 0;  // tokens of its answer that were lost
    bool begun = false;     // the first step of its answer has
    Instant first_token;    // of its answer; now, if it has made none
    Instant came;           // to this stage, the last time
  };
  const workload::Arrival* coming();
  void arrive(const workload::Arrival& arrival);
  // Before memory is at its end. Fails: throws Overload.
  void refuse_too_many(Instant now) const;
  [[noreturn]] void refuse(Instant now, std::string_view why) const;
  void retry(const Handed& lost);
  void computed_again(serving::Slot slot);
  [[nodiscard]] Before before(serving::Slot slot) const;
  void units_change(const Event& event);
  void order(std::int64_t units, bool at_once = false);
  [[nodiscard]] double take_load();
  void apply(const std::vector<Roster::Changed>& changed);
  void schedule_units();
  void enqueue(serving::Slot slot, std::uint64_t session = 0, std::int32_t in_memory = 0);
  [[nodiscard]] std::size_t choose_unit(std::uint64_t id, std::uint64_t session);
  [[nodiscard]] std::size_t home(std::uint64_t session) const;
  void start_pass(std::size_t unit);
  void wait_to_start(std::size_t unit);
  void let_go_if_empty(std::size_t unit);
  void look_again(std::size_t unit);
  [[nodiscard]] bool can_start(std::size_t unit) const;
  void set_load(std::size_t unit);
  void end_pass(std::size_t unit);
  [[nodiscard]] Sample::Prefill sample() const;
  // Of the request whose tale is told.
  [[nodiscard]] bool followed_on(std::size_t unit) const { return followed_ && followed_->unit == unit; }
  void tell_change(std::size_t unit, Roster::Change change);
  void tell_full(Instant now);
  void tell_pass(Instant now, Seconds duration, std::int32_t tokens);

  const Fleet& fleet_;
  const RunSettings& settings_;
  step::StepTimes& times_;
  const Answers& answers_;
  workload::ArrivalSource& arrivals_;
  std::vector<workload::Arrival> coming_;  // read ahead, the next one at coming_next_
  std::size_t coming_next_ = 0;
  std::int64_t tokens_max_;  // of a request: what a decode rank, a prefill unit and the model's context hold
  engine::EventQueue<Phase, Event> events_;
  PromptPool pool_;
  std::vector<PrefillUnit> units_;
  // Of each unit, beside what it knows itself.
  struct Course {
    std::uint32_t epoch = 0;  // of its passes, another after each loss
    Instant begun{};          // its last pass
    Instant looks{};          // when it looks again whether a prefix has been read; in the past: it need not
    bool held_up = false;     // by memory that decode has not emptied
  };
  std::vector<Course> courses_;  // by unit
  Roster roster_;
  Orders orders_;
  double fill_ = 0.0;       // of the passes since control last looked: sum of used shares, in seconds
  policy::LoadBoard load_;  // by unit, as the balancer sees it; never where it does not serve
  RandomStream balancer_words_;
  policy::Chooser chooser_;                 // of units
  std::vector<serving::Slot> homeless_;     // no unit serves
  std::map<serving::Slot, Before> before_;  // of those that were lost in decode
  std::vector<PhiloxBlock> words_;          // of the answers to the prompts that a pass completed
  FromPrefill* out_ = nullptr;
  Instant turn_end_;
  UnitTime busy_;  // in passes
  std::int64_t first_tokens_ = 0;
  PrefillTotals totals_;
  Books books_;
  std::int64_t next_progress_ns_;
  struct Followed {
    serving::Slot slot = 0;
    std::size_t unit = 0;
  };
  std::optional<Followed> followed_;
};

}  // namespace tideline::fleet
