#include "sim/fleet/prefill_stage.h"

#include <fmt/format.h>

#include "sim/base/check.h"

namespace tideline::fleet {

using serving::Request;
using serving::Slot;

namespace {

constexpr std::size_t kReadAhead = 1024;

std::int64_t tokens_of(const Request& r) {
  return std::int64_t{r.input} + r.output;
}

}  // namespace

PrefillStage::PrefillStage(const Fleet& fleet, workload::ArrivalSource& arrivals, step::StepTimes& times,
                           const RunSettings& settings)
    : fleet_(fleet),
      settings_(settings),
      times_(times),
      arrivals_(arrivals),
      kv_capacity_(fleet.decode.unit.kv_capacity_tokens(fleet.decode.memory_reserve)),
      books_(settings.start()),
      next_progress_ns_(settings.start().ns) {
  events_.start_at(settings.start());
  apply_schedule();
}

void PrefillStage::run_until(Instant end, std::vector<Handed>& handed) {
  handed_ = &handed;
  for (const workload::Arrival* next = coming();;) {
    const bool event = !events_.empty() && events_.next_instant() < end;
    if (next != nullptr && next->at < end && (!event || next->at < events_.next_instant())) {
      events_.advance(next->at);
      arrive(*next);
      ++coming_next_;
      next = coming();
    } else if (event) {
      const bool schedule = events_.next_phase() == Phase::kSchedule;
      const std::uint32_t unit = events_.take();
      schedule ? apply_schedule() : end_pass(unit);
    } else {
      return;
    }
  }
}

// The next request, or none when there are no more.
const workload::Arrival* PrefillStage::coming() {
  if (coming_next_ == coming_.size()) {
    coming_.resize(kReadAhead);
    coming_.resize(arrivals_.read(coming_));
    coming_next_ = 0;
  }
  return coming_.empty() ? nullptr : &coming_[coming_next_];
}

void PrefillStage::arrive(const workload::Arrival& arrival) {
  if (arrival.lengths.input + arrival.lengths.output > kv_capacity_) {
    ++totals_.rejected;
    return;
  }
  ++totals_.arrived;
  if (settings_.in_window(arrival.at)) ++totals_.window_requests;
  const Slot slot = pool_.add(arrival);
  books_.comes(arrival.at, tokens_of(pool_[slot]));
  enqueue(slot);
  if (settings_.progress && arrival.at.ns >= next_progress_ns_) {
    settings_.progress(arrival.at, totals_.arrived);
    next_progress_ns_ += 60 * kNsPerSecond;
  }
}

// Brings the units to the schedule of now, and books the next change.
void PrefillStage::apply_schedule() {
  const auto& schedule = fleet_.schedule;
  while (schedule_next_ < schedule.size() && schedule[schedule_next_].from <= events_.now()) ++schedule_next_;
  CHECK(schedule_next_ > 0, "the schedule begins after the run");
  open_and_close_units(static_cast<std::size_t>(schedule[schedule_next_ - 1].prefill_units));
  if (schedule_next_ < schedule.size()) events_.schedule(schedule[schedule_next_].from, Phase::kSchedule, 0);
}

void PrefillStage::open_and_close_units(std::size_t units) {
  while (units_.size() < units) units_.emplace_back(fleet_.prefill, times_, units_.size());
  std::vector<Slot> prompts;
  for (std::size_t u = units; u < serving_; ++u)
    for (const Slot slot : units_[u].take_queue(pool_)) prompts.push_back(slot);
  serving_ = units;
  free_at_.reset(units);
  for (std::size_t u = 0; u < units; ++u) free_at_.set(u, units_[u].free_at());
  for (const Slot slot : prompts) enqueue(slot);
}

void PrefillStage::enqueue(Slot slot) {
  const std::size_t unit =
      fleet_.prefill.balancer == policy::PrefillBalancer::kLeastWork ? free_at_.least() : next_++ % serving_;
  units_[unit].enqueue(slot, pool_);
  if (!units_[unit].busy())
    start_pass(unit);
  else
    free_at_.set(unit, units_[unit].free_at());
}

void PrefillStage::start_pass(std::size_t unit) {
  const Instant now = events_.now();
  const Seconds duration = units_[unit].start_pass(now, pool_);
  if (unit < serving_) free_at_.set(unit, units_[unit].free_at());
  ++totals_.passes;
  if (settings_.in_window(now)) ++totals_.window_passes, totals_.busy_s += duration.value();
  events_.schedule(now + to_duration(duration), Phase::kPassEnd, static_cast<std::uint32_t>(unit));
}

void PrefillStage::end_pass(std::size_t unit) {
  const Instant now = events_.now();
  for (const Slot slot : units_[unit].finish_pass(pool_)) {
    const Request& r = pool_[slot];
    handed_->push_back({.id = r.id,
                        .arrival = r.arrival,
                        .first_token = now,
                        .input = r.input,
                        .cached = r.cached,
                        .output = r.output,
                        .request_class = r.request_class});
    books_.goes(now, r.arrival, tokens_of(r));
    pool_.remove(slot);
  }
  if (units_[unit].has_work()) start_pass(unit);
}

void PrefillStage::close_books() {
  const Instant now = events_.now();
  for (const PrefillUnit& u : units_)
    u.for_each([&](Slot slot) { books_.stays(now, pool_[slot].arrival, tokens_of(pool_[slot])); });
  books_.close(now);
}

std::string PrefillStage::describe() const {
  return fmt::format("seed {}, run {}, prefill at {} ns, {} requests arrived, {} wait", settings_.seed,
                     settings_.run, events_.now().ns, totals_.arrived, pool_.size());
}

}  // namespace tideline::fleet
