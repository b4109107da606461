// The second half of a fleet: requests whose prompt is computed wait for a rank with room, their KV cache is
// moved there, and each decode unit steps until they have their last token.
//
// A unit that leaves hands its requests on, with the KV cache they have by then, or ends them first (drains).
// A unit that is lost takes the caches with it: its requests go back to prefill.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/digest.h"
#include "sim/engine/event_queue.h"
#include "sim/fleet/answers.h"
#include "sim/fleet/books.h"
#include "sim/fleet/decode_unit.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/handed.h"
#include "sim/fleet/observer.h"
#include "sim/fleet/orders.h"
#include "sim/fleet/run_settings.h"
#include "sim/fleet/transfers.h"
#include "sim/fleet/unit_time.h"
#include "sim/policy/load_board.h"
#include "sim/serving/answer.h"
#include "sim/step/step_times.h"

namespace tideline::fleet {

struct DecodeTotals {
  std::uint64_t finished = 0, window_finished = 0;
  std::uint64_t steps = 0, window_steps = 0;  // over the whole run, in the window
  double step_s = 0.0, requests_s = 0.0;      // in the window: sum over units; integral of requests on ranks
  double kv_fill_max = 0.0;                   // fullest rank ever, of its KV capacity
  std::uint64_t waited = 0;                   // requests that found every rank full
  std::uint64_t moved = 0;                    // answers that changed units
  std::uint64_t preempted = 0;                // taken off a rank whose blocks ran out
  std::uint64_t failures = 0, maintained = 0;
};

class DecodeStage {
 public:
  DecodeStage(const Fleet& fleet, const Answers& answers, std::size_t classes, step::StepTimes& times,
              const RunSettings& settings, Observer& observer);
  // Everything before `end`. `in`: what prefill did before then. `window_requests`: that came in the window,
  // so far. What must be computed again, and which caches have left prefill, is added to `out`. False when
  // the run is over: all requests of the window are answered, or patience is at an end.
  bool run_until(Instant end, const FromPrefill& in, std::uint64_t window_requests, FromDecode& out);
  [[nodiscard]] const DecodeTotals& totals() const { return totals_; }
  [[nodiscard]] const Roster& roster() const { return roster_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }
  [[nodiscard]] Sample::Decode sample() const;
  void close_books();
  [[nodiscard]] std::string describe() const;

 private:
  // Requests that finished, or joined, are handed over so many at once. Decides cost alone.
  static constexpr std::size_t kBatch = 256;
  // Between events of one instant.
  enum class Phase : std::uint8_t {
    kOrigins,  // first of all: what decode would still have to fetch is gone
    kUnits,    // then: units that come or go at an instant do so before anything is routed
    kStepEnd,  // then room is made on the ranks, before what prefill hands over at the same instant
    kWake,     // last: an idle unit looks at what the others have just sent it
  };
  struct Event {
    std::uint32_t unit = 0;
    std::uint32_t epoch = 0;  // of the unit when it was scheduled: an event of an earlier life is void
    Roster::What what = Roster::What::kReady;
  };
  struct Waiting {
    serving::Slot slot;
    Origin origin;
  };
  void handle(Phase phase, Event event);
  void receive(const Handed& handed);
  void units_change(const Event& event);
  void order(std::int64_t units, bool at_once = false);
  [[nodiscard]] double load() const;
  void apply(const std::vector<Roster::Changed>& changed);
  void schedule_units();
  void lose(serving::Slot slot);
  [[nodiscard]] std::int64_t fitting(std::int32_t steps, serving::Slot slot) const;
  void leave(serving::Slot slot);
  void serve_waiting();
  void send(serving::Slot slot, const Origin& origin);
  bool try_units(const Waiting& request, bool waited);
  void leaves_prefill(const Origin& origin, serving::Slot slot, Instant at);
  void lose_origin(std::uint32_t unit, std::uint32_t life);
  void tell_taken(Instant end);
  void set_load(std::size_t unit);
  void end_step(std::size_t unit);
  void start_step(std::size_t unit);
  void finish(serving::Slot slot);
  void observe_step(std::size_t unit, Duration duration);
  void hand_over();
  // Of the request whose tale is told.
  [[nodiscard]] bool followed_on(std::size_t unit) const { return followed_ && followed_->unit == unit; }
  void tell_place(serving::Slot slot, std::size_t unit, Instant ready);
  void tell_displaced(serving::Slot slot, Displaced::Why why, std::uint32_t unit);
  void tell_step(Duration duration);
  [[nodiscard]] bool done(std::uint64_t window_requests) const;

  const Fleet& fleet_;
  const RunSettings& settings_;
  Observer& observer_;
  step::StepTimes& times_;
  const Answers& answers_;
  std::int64_t kv_capacity_;  // of a rank, tokens in whole blocks
  engine::EventQueue<Phase, Event> events_;
  serving::AnswerPool pool_;
  std::vector<DecodeUnit> units_;
  StepLists lists_;  // of the step that began or ended last
  std::vector<std::uint32_t> epoch_;
  Roster roster_;
  Orders orders_;
  policy::LoadBoard load_;  // by unit; never where it does not serve
  RandomStream balancer_words_;
  policy::Chooser chooser_;  // of units
  Transfers transfers_;
  FromDecode* out_ = nullptr;
  std::vector<std::pair<Instant, Taken>> taken_;  // that leave prefill then
  std::vector<Waiting> waiting_;  // every rank was full; the first waits longest, from waiting_head_ on
  std::size_t waiting_head_ = 0;
  std::vector<Finished> batch_;
  std::vector<Joined> joined_;
  std::vector<Stepped> stepped_;
  std::vector<SetBack> set_back_;
  std::vector<std::uint32_t> firsts_;  // by class: requests whose first step begins
  UnitTime stepping_;
  double tokens_ = 0.0;  // made in steps
  DecodeTotals totals_;
  Digest digest_;
  Books books_;
  struct Followed {
    serving::Slot slot = 0;
    std::size_t unit = 0;
  };
  std::optional<Followed> followed_;
};

}  // namespace tideline::fleet
