#include "sim/fleet/decode_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/check.h"

namespace tideline::fleet {

using serving::Answer;
using serving::Slot;

namespace {

// Of prefill, fetched from memory before their turn. Decides cost alone.
constexpr std::ptrdiff_t kHandedAhead = 4;

}  // namespace

DecodeStage::DecodeStage(const Fleet& fleet, const Answers& answers, std::size_t classes,
                         step::StepTimes& times, const RunSettings& settings, Observer& observer)
    : fleet_(fleet),
      settings_(settings),
      observer_(observer),
      times_(times),
      answers_(answers),
      kv_capacity_(fleet.decode.kv_blocks() * fleet.decode.kv_block_tokens),
      roster_(fleet.decode.availability, fleet.decode.unit.nodes, settings.seed, settings.run,
              Purpose::kDecodeFailure),
      orders_(fleet.schedule, &ScheduleStep::decode_units, fleet.decode.scaling),
      balancer_words_(settings.seed, settings.run, Purpose::kDecodeBalancer),
      chooser_(policy::choice_of(fleet.decode.balancer), balancer_words_, 0),
      transfers_(fleet),
      books_(settings.start()) {
  events_.start_at(settings.start());
  batch_.reserve(kBatch);
  firsts_.resize(classes);
  order(orders_.first(events_.now()), true);
}

bool DecodeStage::run_until(Instant end, const FromPrefill& in, std::uint64_t window_requests,
                            FromDecode& out) {
  out_ = &out;
  for (const LostOrigin& l : in.lost)
    events_.schedule(l.at, Phase::kOrigins, {l.unit, l.life, Roster::What::kReady});
  const Handed* next = in.handed.data();
  const Handed* const last = next + in.handed.size();
  // Before what prefill hands over: units that come or go, and steps that end at the same instant.
  const auto event_first = [&] {
    if (events_.empty() || events_.next_instant() >= end) return false;
    if (next == last || events_.next_instant() < next->at) return true;
    return events_.next_instant() == next->at && events_.next_phase() < Phase::kWake;
  };
  while (!done(window_requests)) {
    if (event_first()) {
      const Phase phase = events_.next_phase();
      handle(phase, events_.take());
    } else if (next != last) {
      if (last - next > kHandedAhead)
        __builtin_prefetch(next + kHandedAhead), __builtin_prefetch(&next[kHandedAhead].origin);
      events_.advance(next->at);
      receive(*next++);
    } else if (events_.now() < end) {
      events_.advance(end);
    } else {
      tell_taken(end);
      return true;
    }
  }
  hand_over();
  return false;
}

bool DecodeStage::done(std::uint64_t window_requests) const {
  if (settings_.tale && settings_.tale->over()) return true;
  const std::int64_t now = events_.now().ns, end = settings_.window.ns;
  return now >= end && (totals_.window_finished == window_requests || now >= end + settings_.patience.ns);
}

void DecodeStage::handle(Phase phase, Event event) {
  if (phase == Phase::kOrigins) return lose_origin(event.unit, event.epoch);
  if (phase == Phase::kUnits) return units_change(event);
  if (event.epoch != epoch_[event.unit]) return;
  if (phase == Phase::kStepEnd) return end_step(event.unit);
  if (!units_[event.unit].stepping()) start_step(event.unit);
}

void DecodeStage::receive(const Handed& h) {
  const Slot slot = pool_.add({.at = h.arrival,
                               .id = h.id,
                               .request_class = h.request_class,
                               .lengths = {h.input, h.cached, h.output}},
                              h.first_token);
  if (h.made > 0) pool_.came_again(slot, h.made, h.at);
  if (h.begun) pool_[slot].set_begun();
  books_.comes(h.at, pool_[slot].tokens());
  if (h.steps == 0) {
    leaves_prefill(h.origin, slot, h.at);
    return finish(slot);
  }
  pool_[slot].set_steps(fitting(h.steps, slot));
  send(slot, h.origin);
}

// What it holds after its steps at the mean rate of its class must not be more than a rank has. Only an
// answer that fills a rank to the last hundredths is held back by that.
std::int64_t DecodeStage::fitting(std::int32_t steps, Slot slot) const {
  const double room = static_cast<double>(kv_capacity_ - 1) - pool_.kv(slot);
  const double rate = answers_.rate(pool_[slot].request_class());
  return rate * steps <= room ? steps : std::max<std::int64_t>(1, static_cast<std::int64_t>(room / rate));
}

void DecodeStage::units_change(const Event& e) {
  const Instant now = events_.now();
  if (e.what == Roster::What::kOrder)
    order(orders_.units(now, [this] { return load(); }));
  else
    apply({roster_.act({now, e.what, e.unit, e.epoch}, now)});
}

// For scaling: the signal, summed over units.
double DecodeStage::load() const {
  const auto gpus = static_cast<double>(fleet_.decode.unit.gpus());
  if (fleet_.decode.scaling.signal != policy::ScalingSignal::kKv)
    return static_cast<double>(pool_.size()) / gpus;
  double waiting = 0.0;  // tokens
  for (std::size_t i = waiting_head_; i < waiting_.size(); ++i) waiting += pool_.kv(waiting_[i].slot);
  double fill = waiting / (static_cast<double>(kv_capacity_) * gpus);
  for (const DecodeUnit& u : units_) fill += u.kv_fill().mean;
  return fill;
}

void DecodeStage::order(std::int64_t units, bool at_once) {
  const Instant now = events_.now();
  std::vector<Roster::Changed> changed;
  roster_.order(units, now, at_once, changed);
  apply(changed);
  if (const auto next = orders_.next(now))
    events_.schedule(*next, Phase::kUnits, {0, 0, Roster::What::kOrder});
}

void DecodeStage::apply(const std::vector<Roster::Changed>& changed) {
  while (units_.size() < roster_.size()) {
    units_.emplace_back(fleet_.decode, answers_, times_, balancer_words_, units_.size());
    epoch_.push_back(0);
  }
  struct Leaving {
    std::uint32_t unit;
    Slot slot;
  };
  std::vector<Leaving> answers;
  bool opened = false;
  for (const auto& [unit, change] : changed) {
    opened = opened || change == Roster::Change::kOpens;
    if (change == Roster::Change::kDrains && units_[unit].empty()) roster_.emptied(unit, events_.now());
    if (change != Roster::Change::kCloses && change != Roster::Change::kLost) continue;
    ++epoch_[unit];
    if (units_[unit].stepping()) stepping_.one_less(events_.now());
    const bool lost = change == Roster::Change::kLost;
    if (followed_on(unit))
      tell_displaced(followed_->slot, lost ? Displaced::Why::kDecodeLost : Displaced::Why::kDecodeCloses,
                     unit);
    for (const Slot slot : units_[unit].take_all(pool_)) lost ? lose(slot) : answers.push_back({unit, slot});
  }
  totals_.failures = roster_.failures(), totals_.maintained = roster_.maintained();
  schedule_units();
  load_.reset(units_.size());
  for (std::size_t u = 0; u < units_.size(); ++u) set_load(u);
  totals_.moved += answers.size();
  for (const auto& [unit, slot] : answers)
    send(slot, {.unit = unit, .gpu = pool_[slot].rank(), .decode = true});
  if (opened) serve_waiting();
}

// What the roster wants to be told again.
void DecodeStage::schedule_units() {
  for (const Roster::Due& due : roster_.take_due())
    if (due.at >= events_.now()) events_.schedule(due.at, Phase::kUnits, {due.unit, due.life, due.what});
}

// The tokens that it made here, and the one that its prompt gave, are what must be computed again.
void DecodeStage::lose(Slot slot) {
  const Answer& a = pool_[slot];
  const auto made = static_cast<std::int32_t>(pool_.kv(slot)) - a.input() + 1;
  out_->lost.push_back({.at = events_.now(),
                        .id = a.id(),
                        .arrival = a.arrival(),
                        .first_token = pool_.first_token(slot),
                        .input = a.input(),
                        .cached = a.cached(),
                        .output = a.output(),
                        .made = std::min(made, a.output() - 1),
                        .request_class = a.request_class(),
                        .begun = a.begun()});
  leave(slot);
}

void DecodeStage::leave(Slot slot) {
  books_.goes(events_.now(), pool_.came(slot), pool_[slot].tokens());
  pool_.remove(slot);
}

void DecodeStage::send(Slot slot, const Origin& origin) {
  if (waiting_.empty() && try_units({slot, origin}, false)) return;
  ++totals_.waited;
  if (settings_.tale && settings_.tale->follows(pool_[slot].id()))
    settings_.tale->add(
        WaitsForRank{events_.now(), static_cast<std::int64_t>(waiting_.size() - waiting_head_)});
  waiting_.push_back({slot, origin});
}

// The memory of a prefill unit is free again once a cache has left it.
void DecodeStage::leaves_prefill(const Origin& origin, Slot slot, Instant at) {
  if (origin.decode) return;
  taken_.push_back({at, {origin.unit, origin.life, std::int64_t{pool_[slot].input()} + pool_.made(slot)}});
}

void DecodeStage::tell_taken(Instant end) {
  std::erase_if(taken_, [&](const std::pair<Instant, Taken>& t) {
    if (t.first >= end) return false;
    out_->taken.push_back(t.second);
    return true;
  });
}

// Requests that wait for a rank and whose caches were lost with their prefill unit.
void DecodeStage::lose_origin(std::uint32_t unit, std::uint32_t life) {
  std::vector<Waiting> stay;
  for (std::size_t i = waiting_head_; i < waiting_.size(); ++i) {
    const auto& [slot, origin] = waiting_[i];
    const bool lost = !origin.decode && origin.unit == unit && origin.life == life;
    if (lost) tell_displaced(slot, Displaced::Why::kCacheLost, unit);
    lost ? lose(slot) : stay.push_back(waiting_[i]);
  }
  waiting_ = std::move(stay);
  waiting_head_ = 0;
}

bool DecodeStage::try_units(const Waiting& request, bool waited) {
  const auto& [slot, origin] = request;
  if (roster_.serving() == 0) return false;
  std::size_t unit = chooser_.choose(load_, pool_[slot].id());
  for (std::size_t tries = 1; !roster_.serves(unit) || !units_[unit].book(slot, pool_); ++tries) {
    if (tries == units_.size()) return false;
    unit = (unit + 1) % units_.size();
  }
  const Answer& a = pool_[slot];
  const Instant ready = transfers_.send(origin, pool_.kv(slot), waited, unit, a.rank(), events_.now());
  leaves_prefill(origin, slot, ready);
  if (settings_.tale && settings_.tale->follows(a.id())) tell_place(slot, unit, ready);
  load_.set(unit, units_[unit].total_load());
  units_[unit].expect(slot, ready);
  if (!units_[unit].stepping())
    events_.schedule(ready, Phase::kWake,
                     {static_cast<std::uint32_t>(unit), epoch_[unit], Roster::What::kReady});
  return true;
}

void DecodeStage::set_load(std::size_t unit) {
  load_.set(unit, roster_.serves(unit) ? units_[unit].total_load() : policy::LoadBoard::kNever);
}

void DecodeStage::end_step(std::size_t unit) {
  stepping_.one_less(events_.now());
  tokens_ += units_[unit].tokens_per_step();
  units_[unit].end_step(pool_, lists_);
  for (const Slot slot : lists_.finished) finish(slot);
  set_load(unit);
  serve_waiting();
  start_step(unit);
}

void DecodeStage::serve_waiting() {
  while (waiting_head_ < waiting_.size() && try_units(waiting_[waiting_head_], true)) ++waiting_head_;
  if (waiting_head_ == waiting_.size()) waiting_.clear(), waiting_head_ = 0;
}

void DecodeStage::start_step(std::size_t unit) {
  DecodeUnit& u = units_[unit];
  Seconds duration;
  const Instant now = events_.now();
  const Event next{static_cast<std::uint32_t>(unit), epoch_[unit], Roster::What::kReady};
  const bool steps = u.start_step(now, pool_, lists_, duration);
  if (!lists_.preempted.empty()) {
    totals_.preempted += lists_.preempted.size();
    for (const Slot slot : lists_.preempted) {
      tell_displaced(slot, Displaced::Why::kPreempted, static_cast<std::uint32_t>(unit));
      const Answer& a = pool_[slot];
      set_back_.push_back({a.arrival(), now, SetBack::Kind::kPreempted, a.request_class()});
      lose(slot);
    }
    set_load(unit);
  }
  if (steps) {
    ++totals_.steps;
    if (settings_.in_window(now)) {
      ++totals_.window_steps;
      totals_.step_s += duration.value();
      totals_.requests_s += duration.value() * static_cast<double>(u.active());
    }
    observe_step(unit, to_duration(duration));
    CHECK(duration > Seconds(0.0), "a step of unit {} takes {} s", unit, duration.value());
    events_.schedule(now + to_duration(duration), Phase::kStepEnd, next);
  } else if (u.expecting()) {
    events_.schedule(u.earliest_ready(), Phase::kWake, next);
  } else if (roster_.drains(unit)) {
    roster_.emptied(unit, now);
    schedule_units();
  }
}

void DecodeStage::finish(Slot slot) {
  const Answer& a = pool_[slot];
  const Instant now = events_.now();
  if (settings_.tale && settings_.tale->follows(a.id())) settings_.tale->add(Ended{now});
  ++totals_.finished;
  if (settings_.in_window(a.arrival())) ++totals_.window_finished;
  batch_.push_back({.id = a.id(),
                    .arrival = a.arrival(),
                    .first_token = pool_.first_token(slot),
                    .last_token = now,
                    .input = a.input(),
                    .cached = a.cached(),
                    .output = a.output(),
                    .request_class = a.request_class()});
  digest_.add(a.id());
  digest_.add(static_cast<std::uint64_t>(pool_.first_token(slot).ns));
  digest_.add(static_cast<std::uint64_t>(now.ns));
  leave(slot);
  if (batch_.size() == kBatch) hand_over();
}

void DecodeStage::hand_over() {
  observer_.finished(batch_);
  observer_.joined(joined_);
  observer_.stepped(stepped_);
  observer_.set_back(set_back_);
  batch_.clear(), joined_.clear(), stepped_.clear(), set_back_.clear();
}

// Invariant 1 of DecodeUnit, and what came has gone or is here.
void DecodeStage::close_books() {
  const Instant now = events_.now();
  const auto count = [&](Slot slot) { books_.stays(now, pool_.came(slot), pool_[slot].tokens()); };
  for (const DecodeUnit& u : units_) u.check_books(pool_), u.for_each(count);
  for (std::size_t i = waiting_head_; i < waiting_.size(); ++i) count(waiting_[i].slot);
  books_.close(now);
  for (const DecodeUnit& u : units_) totals_.kv_fill_max = std::max(totals_.kv_fill_max, u.kv_fill_max());
}

std::string DecodeStage::describe() const {
  return fmt::format("seed {}, run {}, decode at {} ns, {} requests came, {} are here", settings_.seed,
                     settings_.run, events_.now().ns, books_.came(), pool_.size());
}

}  // namespace tideline::fleet
