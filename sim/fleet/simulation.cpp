#include "sim/fleet/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/digest.h"
#include "sim/engine/event_queue.h"
#include "sim/fleet/decode_unit.h"
#include "sim/fleet/prefill_unit.h"
#include "sim/serving/request_pool.h"
#include "sim/serving/speculation.h"

namespace tideline::fleet {
namespace {

using serving::Request;
using serving::Slot;

// Between events of one instant.
enum class Phase : std::uint8_t {
  kSchedule,    // first: units that come or go at an instant do so before anything is routed
  kDecodeStep,  // then room is made on the ranks
  kPrefill,     // before more prompts are handed to them
  kWake,        // last: an idle unit looks at what the others have just sent it
};

struct Event {
  Phase phase;
  std::uint16_t unit;
  std::uint32_t epoch;  // of the unit when it was scheduled: an event of an earlier life is void
};

__extension__ using Wide = __int128;  // nanoseconds x requests of a whole run

constexpr std::size_t kBatch = 1024;  // arrivals read ahead, finished requests handed over at once

class Simulation {
 public:
  Simulation(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
             workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
             Observer& observer);
  RunTotals run();

 private:
  const workload::Arrival* coming();
  void handle(const Event& event);
  void arrive(const workload::Arrival& arrival);
  void apply_schedule();
  void open_and_close_units(const ScheduleStep& step);
  void enqueue_prompt(Slot slot);
  void start_pass(std::size_t unit);
  void end_pass(std::size_t unit);
  void send_to_decode(Slot slot);
  bool try_decode_units(Slot slot);
  void end_step(std::size_t unit);
  void start_step(std::size_t unit);
  void finish(Slot slot);
  void hand_over();
  void count_in_flight();
  [[nodiscard]] bool in_window(Instant t) const { return t.ns >= 0 && t.ns < settings_.window.ns; }
  [[nodiscard]] bool done() const;
  void close_books();
  [[nodiscard]] std::string describe() const;

  const Fleet& fleet_;
  const RunSettings& settings_;
  Observer& observer_;
  step::StepTimes& times_;
  workload::ArrivalSource& arrivals_;
  std::vector<workload::Arrival> coming_;  // read ahead, the next one at coming_next_
  std::size_t coming_next_ = 0;
  double kv_capacity_;  // of a rank, tokens
  RandomStream speculation_words_;
  std::vector<serving::Speculation> speculation_;  // by class

  engine::EventQueue<Phase, Event> events_;
  serving::RequestPool pool_;
  std::vector<PrefillUnit> prefill_;
  std::vector<DecodeUnit> decode_;
  policy::LoadBoard prefill_free_, decode_load_;  // of the units that serve
  std::vector<std::uint32_t> decode_epoch_;
  std::size_t prefill_serving_ = 0, decode_serving_ = 0, schedule_next_ = 0;
  std::size_t next_prefill_ = 0, next_decode_ = 0;  // for the balancers that go round
  std::vector<Slot> waiting_;                       // prompts done, every rank full
  std::vector<Finished> batch_;

  RunTotals totals_;
  Digest digest_;
  Wide time_in_flight_ = 0, time_spent_ = 0;
  Wide tokens_arrived_ = 0, tokens_left_ = 0;
  Instant counted_to_;
  std::int64_t next_progress_ns_;
};

Simulation::Simulation(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                       workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                       Observer& observer)
    : fleet_(fleet),
      settings_(settings),
      observer_(observer),
      times_(times),
      arrivals_(arrivals),
      kv_capacity_(fleet.decode.unit.kv_capacity_tokens(fleet.decode.memory_reserve)),
      speculation_words_(settings.seed, settings.run, Purpose::kSpeculation),
      counted_to_{-settings.warm_up.ns},
      next_progress_ns_(-settings.warm_up.ns) {
  for (const auto& c : classes)
    speculation_.emplace_back(fleet.decode.unit.draft_tokens > 0
                                  ? c.draft_acceptance().value_or(fleet.decode.draft_acceptance)
                                  : 0.0);
  events_.start_at(counted_to_);
  batch_.reserve(kBatch);
}

RunTotals Simulation::run() {
  set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->describe(); }, this);
  apply_schedule();
  for (const workload::Arrival* next = coming(); !done();) {
    if (next != nullptr && (events_.empty() || next->at < events_.next_instant())) {
      events_.advance(next->at);
      arrive(*next);
      ++coming_next_;
      next = coming();
    } else if (!events_.empty()) {
      handle(events_.take());
    } else {
      break;
    }
  }
  hand_over();
  close_books();
  set_check_context(nullptr, nullptr);
  totals_.digest = digest_.value();
  return totals_;
}

// The next request, or none when there are no more.
const workload::Arrival* Simulation::coming() {
  if (coming_next_ == coming_.size()) {
    coming_.resize(kBatch);
    coming_.resize(arrivals_.read(coming_));
    coming_next_ = 0;
  }
  return coming_.empty() ? nullptr : &coming_[coming_next_];
}

bool Simulation::done() const {
  const std::int64_t now = events_.now().ns, end = settings_.window.ns;
  return now >= end && (totals_.window_unfinished == 0 || now >= end + settings_.patience.ns);
}

void Simulation::handle(const Event& event) {
  const bool current =
      event.epoch ==
      (event.phase == Phase::kPrefill || event.phase == Phase::kSchedule ? 0 : decode_epoch_[event.unit]);
  if (!current) return;
  switch (event.phase) {
    case Phase::kSchedule:
      return apply_schedule();
    case Phase::kDecodeStep:
      return end_step(event.unit);
    case Phase::kPrefill:
      return end_pass(event.unit);
    case Phase::kWake:
      if (!decode_[event.unit].stepping()) start_step(event.unit);
      return;
  }
}

void Simulation::arrive(const workload::Arrival& arrival) {
  if (arrival.lengths.input + arrival.lengths.output > kv_capacity_) {
    ++totals_.rejected;
    return;
  }
  count_in_flight();
  ++totals_.arrived;
  if (in_window(arrival.at)) ++totals_.window_requests, ++totals_.window_unfinished;
  tokens_arrived_ += arrival.lengths.input + arrival.lengths.output;
  enqueue_prompt(pool_.add(arrival));
  if (settings_.progress && arrival.at.ns >= next_progress_ns_) {
    settings_.progress(arrival.at, totals_.arrived);
    next_progress_ns_ += 60 * kNsPerSecond;
  }
}

// Brings the fleet to the schedule of now, and books the next change.
void Simulation::apply_schedule() {
  const auto& schedule = fleet_.schedule;
  while (schedule_next_ < schedule.size() && schedule[schedule_next_].from <= events_.now()) ++schedule_next_;
  CHECK(schedule_next_ > 0, "the schedule begins after the run");
  open_and_close_units(schedule[schedule_next_ - 1]);
  if (schedule_next_ < schedule.size())
    events_.schedule(schedule[schedule_next_].from, Phase::kSchedule, {Phase::kSchedule, 0, 0});
}

void Simulation::open_and_close_units(const ScheduleStep& step) {
  const auto prefill = static_cast<std::size_t>(step.prefill_units);
  const auto decode = static_cast<std::size_t>(step.decode_units);
  while (prefill_.size() < prefill) prefill_.emplace_back(fleet_.prefill, times_, prefill_.size());
  while (decode_.size() < decode) {
    decode_.emplace_back(fleet_.decode, times_, decode_.size());
    decode_epoch_.push_back(0);
  }
  std::vector<Slot> prompts, answers;
  for (std::size_t u = prefill; u < prefill_serving_; ++u)
    for (const Slot slot : prefill_[u].take_queue(pool_)) prompts.push_back(slot);
  for (std::size_t u = decode; u < decode_serving_; ++u) {
    for (const Slot slot : decode_[u].take_all(pool_)) answers.push_back(slot);
    ++decode_epoch_[u];
  }
  prefill_serving_ = prefill;
  decode_serving_ = decode;
  prefill_free_.reset(prefill);
  for (std::size_t u = 0; u < prefill; ++u) prefill_free_.set(u, prefill_[u].free_at());
  decode_load_.reset(decode);
  for (std::size_t u = 0; u < decode; ++u) decode_load_.set(u, decode_[u].total_load());
  totals_.moved += answers.size();
  for (const Slot slot : prompts) enqueue_prompt(slot);
  for (const Slot slot : answers) send_to_decode(slot);
}

void Simulation::enqueue_prompt(Slot slot) {
  const std::size_t unit = fleet_.prefill.balancer == policy::PrefillBalancer::kLeastWork
                               ? prefill_free_.least()
                               : next_prefill_++ % prefill_serving_;
  prefill_[unit].enqueue(slot, pool_);
  if (!prefill_[unit].busy())
    start_pass(unit);
  else
    prefill_free_.set(unit, prefill_[unit].free_at());
}

void Simulation::start_pass(std::size_t unit) {
  const Seconds duration = prefill_[unit].start_pass(events_.now(), pool_);
  if (unit < prefill_serving_) prefill_free_.set(unit, prefill_[unit].free_at());
  ++totals_.prefill_passes;
  if (in_window(events_.now())) ++totals_.window_prefill_passes, totals_.prefill_busy_s += duration.value();
  events_.schedule(events_.now() + to_duration(duration), Phase::kPrefill,
                   {Phase::kPrefill, static_cast<std::uint16_t>(unit), 0});
}

void Simulation::end_pass(std::size_t unit) {
  for (const Slot slot : prefill_[unit].finish_pass(pool_)) {
    Request& r = pool_[slot];
    r.first_token = events_.now();
    if (r.output == 1) {
      finish(slot);
      continue;
    }
    const auto& speculation = speculation_[r.request_class];
    r.steps_left = speculation.steps(r.output - 1, speculation_words_.block(r.id)[0]);
    r.kv_rate = std::floor((r.output - 1.0) / r.steps_left * 0x1p20) * 0x1p-20;
    send_to_decode(slot);
  }
  if (prefill_[unit].has_work()) start_pass(unit);
}

void Simulation::send_to_decode(Slot slot) {
  if (waiting_.empty() && try_decode_units(slot)) return;
  ++totals_.waited_for_decode;
  waiting_.push_back(slot);
}

bool Simulation::try_decode_units(Slot slot) {
  std::size_t unit = fleet_.decode.balancer == policy::DecodeBalancer::kLeastLoaded
                         ? decode_load_.least()
                         : next_decode_++ % decode_serving_;
  for (std::size_t tries = 1; !decode_[unit].book(slot, pool_); ++tries) {
    if (tries == decode_serving_) return false;
    unit = (unit + 1) % decode_serving_;
  }
  decode_load_.set(unit, decode_[unit].total_load());
  const Bytes cache = fleet_.decode.unit.llm.kv_per_token() * Tokens(pool_[slot].kv_base);
  const Instant ready = events_.now() + to_duration(cache / fleet_.transfer_rate);
  decode_[unit].expect(slot, pool_[slot].steps_left, ready);
  if (!decode_[unit].stepping())
    events_.schedule(ready, Phase::kWake,
                     {Phase::kWake, static_cast<std::uint16_t>(unit), decode_epoch_[unit]});
  return true;
}

void Simulation::end_step(std::size_t unit) {
  for (const Slot slot : decode_[unit].end_step(pool_)) finish(slot);
  decode_load_.set(unit, decode_[unit].total_load());
  if (!waiting_.empty()) {
    std::size_t served = 0;
    while (served < waiting_.size() && try_decode_units(waiting_[served])) ++served;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(served));
  }
  start_step(unit);
}

void Simulation::start_step(std::size_t unit) {
  DecodeUnit& u = decode_[unit];
  Seconds duration;
  const Instant now = events_.now();
  const Event next{Phase::kDecodeStep, static_cast<std::uint16_t>(unit), decode_epoch_[unit]};
  if (u.start_step(now, pool_, duration)) {
    ++totals_.decode_steps;
    if (in_window(now)) {
      ++totals_.window_decode_steps;
      totals_.decode_step_s += duration.value();
      totals_.decode_requests_s += duration.value() * static_cast<double>(u.active());
    }
    events_.schedule(now + to_duration(duration), Phase::kDecodeStep, next);
  } else if (u.expecting()) {
    events_.schedule(u.earliest_ready(), Phase::kWake, {Phase::kWake, next.unit, next.epoch});
  }
}

void Simulation::finish(Slot slot) {
  const Request& r = pool_[slot];
  count_in_flight();
  ++totals_.finished;
  if (in_window(r.arrival)) --totals_.window_unfinished;
  time_spent_ += (events_.now() - r.arrival).ns;
  tokens_left_ += r.input + r.output;
  batch_.push_back({.id = r.id,
                    .arrival = r.arrival,
                    .first_token = r.first_token,
                    .last_token = events_.now(),
                    .input = r.input,
                    .cached = r.cached,
                    .output = r.output,
                    .request_class = r.request_class});
  digest_.add(r.id);
  digest_.add(static_cast<std::uint64_t>(r.first_token.ns));
  digest_.add(static_cast<std::uint64_t>(events_.now().ns));
  pool_.remove(slot);
  if (batch_.size() == kBatch) hand_over();
}

void Simulation::hand_over() {
  observer_.finished(batch_);
  batch_.clear();
}

void Simulation::count_in_flight() {
  const Instant now = events_.now();
  time_in_flight_ += Wide{(now - counted_to_).ns} * static_cast<std::int64_t>(pool_.size());
  counted_to_ = now;
}

// Invariants 1 of DecodeUnit and 2 of this file.
void Simulation::close_books() {
  count_in_flight();
  Wide tokens_inside = 0, spent_inside = 0;
  std::size_t inside = 0;
  auto count = [&](Slot slot) {
    const Request& r = pool_[slot];
    ++inside;
    tokens_inside += r.input + r.output;
    spent_inside += (events_.now() - r.arrival).ns;
  };
  for (const PrefillUnit& u : prefill_) u.for_each(count);
  for (const DecodeUnit& u : decode_) u.check_books(pool_), u.for_each(count);
  for (const Slot slot : waiting_) count(slot);
  CHECK(inside == pool_.size() && totals_.arrived == totals_.finished + inside,
        "{} arrived, {} left, {} are here", totals_.arrived, totals_.finished, inside);
  CHECK(tokens_arrived_ == tokens_left_ + tokens_inside, "tokens are not conserved");
  CHECK(time_in_flight_ == time_spent_ + spent_inside, "Little's law does not hold");
  for (const DecodeUnit& u : decode_) totals_.kv_fill_max = std::max(totals_.kv_fill_max, u.kv_fill_max());
}

std::string Simulation::describe() const {
  return fmt::format("seed {}, run {}, instant {} ns, {} requests arrived, {} in flight", settings_.seed,
                     settings_.run, events_.now().ns, totals_.arrived, pool_.size());
}

}  // namespace

RunTotals simulate(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                   workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                   Observer& observer) {
  return Simulation(fleet, classes, arrivals, times, settings, observer).run();
}

}  // namespace tideline::fleet
