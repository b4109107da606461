#include "sim/fleet/prefill_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/overload.h"

namespace tideline::fleet {

using serving::Prompt;
using serving::Slot;

namespace {

// Of prompt and answer together; of a model that states none, no limit.
std::int64_t context_max(const catalog::Llm& llm) {
  return llm.context_max > 0 ? llm.context_max : std::numeric_limits<std::int64_t>::max();
}

// What a decode rank takes of a request of two tokens or more: after its last step, at the mean rate of its
// class, it must still fit (DecodeStage::fitting).
std::int64_t rank_max(const DecodeSettings& decode, const Answers& answers) {
  const double rate = std::ranges::max(answers.rates());
  return decode.kv_blocks() * decode.kv_block_tokens + 1 - static_cast<std::int64_t>(std::ceil(rate));
}

constexpr std::size_t kReadAhead = 256;                  // arrivals read at once; decides cost alone
constexpr std::uint64_t kHome = std::uint64_t{2} << 32;  // draws of homes, beside those of choosers

}  // namespace

PrefillStage::PrefillStage(const Fleet& fleet, const Answers& answers, workload::ArrivalSource& arrivals,
                           step::StepTimes& times, const RunSettings& settings)
    : fleet_(fleet),
      settings_(settings),
      times_(times),
      answers_(answers),
      arrivals_(arrivals),
      tokens_max_(std::min(
          {rank_max(fleet.decode, answers), fleet.prefill_kv_tokens(), context_max(fleet.decode.unit.llm)})),
      roster_(fleet.prefill.availability, fleet.prefill.unit.nodes, settings.seed, settings.run,
              Purpose::kPrefillFailure),
      orders_(fleet.schedule, &ScheduleStep::prefill_units, fleet.prefill.scaling),
      balancer_words_(settings.seed, settings.run, Purpose::kPrefillBalancer),
      chooser_(policy::choice_of(fleet.prefill.balancer), balancer_words_, 0),
      books_(settings.start()),
      next_progress_ns_(settings.start().ns) {
  events_.start_at(settings.start());
  order(orders_.first(events_.now()), true);
}

void PrefillStage::begin_turn(Instant end, const FromDecode& in, FromPrefill& out) {
  out_ = &out;
  turn_end_ = end;
  for (const Taken& t : in.taken)
    if (t.life == courses_[t.unit].epoch) units_[t.unit].release(t.tokens);
  for (std::size_t u = 0; u < units_.size(); ++u) can_start(u) ? start_pass(u) : let_go_if_empty(u);
  for (const Handed& l : in.lost) retry(l);
}

void PrefillStage::run_until(Instant end, FromPrefill& out) {
  out_ = &out;
  for (const workload::Arrival* next = coming();;) {
    const bool event = !events_.empty() && events_.next_instant() < end;
    if (next != nullptr && next->at < end && (!event || next->at < events_.next_instant())) {
      events_.advance(next->at);
      arrive(*next);
      ++coming_next_;
      next = coming();
    } else if (event) {
      const Phase phase = events_.next_phase();
      const Event e = events_.take();
      if (phase == Phase::kUnits)
        units_change(e);
      else if (e.epoch == courses_[e.unit].epoch)
        phase == Phase::kPassEnd ? end_pass(e.unit) : look_again(e.unit);
    } else {
      break;
    }
  }
  events_.advance(end);
}

void PrefillStage::end_turn(FromPrefill& out) {
  for (const PrefillUnit& u : units_)
    totals_.memory_fill_max = std::max(totals_.memory_fill_max, u.memory_fill_max());
  out.sample = sample();
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
  const std::int64_t tokens = std::int64_t{arrival.lengths.input} + arrival.lengths.output;
  const bool rejected = tokens > tokens_max_;
  out_->arrived.push_back(arrival);
  if (Tale* const tale = settings_.tale) {
    if (tale->follows(arrival.id)) tale->arrives(arrival, rejected);
    if (arrival.at.ns >= settings_.window.ns) tale->window_over();
  }
  if (rejected) {
    totals_.rejected += settings_.in_window(arrival.at);
    out_->set_back.push_back({arrival.at, arrival.at, SetBack::Kind::kRejected, arrival.request_class});
    return;
  }
  refuse_too_many(arrival.at);
  ++totals_.arrived;
  if (settings_.in_window(arrival.at)) ++totals_.window_requests;
  const Slot slot = pool_.add(arrival);
  books_.comes(arrival.at, pool_[slot].tokens());
  enqueue(slot, arrival.session, arrival.lengths.in_memory);
  if (settings_.progress && arrival.at.ns >= next_progress_ns_) {
    settings_.progress(arrival.at, totals_.arrived);
    next_progress_ns_ += 60 * kNsPerSecond;
  }
}

void PrefillStage::refuse_too_many(Instant now) const {
  if (pool_.size() >= settings_.waiting_max) refuse(now, "");
}

void PrefillStage::refuse_for_memory() const {
  constexpr std::size_t kFew = 1'000'000;  // of 32 bytes: it is not they that fill a machine
  if (pool_.size() >= kFew) refuse(events_.now(), ", and memory is at its end");
}

void PrefillStage::refuse(Instant now, std::string_view why) const {
  throw Overload(Problem{
      .message = fmt::format(
          "{} requests wait for their prompts {:.0f} min {} the window begins{}: far more load "
          "than these units serve",
          pool_.size(), std::abs(to_seconds(now).value()) / 60.0, now.ns < 0 ? "before" : "after", why),
      .suggestion = "less load, more prefill units in \"fleet.schedule\", or a shorter \"duration\""});
}

// Its prompt and what it had made of its answer are computed again; its prefix is still cached.
void PrefillStage::retry(const Handed& l) {
  const workload::Arrival arrival{.at = l.arrival,
                                  .id = l.id,
                                  .request_class = l.request_class,
                                  .lengths = {l.input, l.cached, l.output}};
  const Slot slot = pool_.add(arrival, l.made);
  pool_[slot].set_begun();
  before_[slot] = {l.made, l.begun, l.first_token, events_.now()};
  computed_again(slot);
  books_.comes(events_.now(), pool_[slot].tokens());
  enqueue(slot);
}

void PrefillStage::computed_again(Slot slot) {
  const Prompt& p = pool_[slot];
  ++totals_.retried;
  out_->set_back.push_back({p.arrival, events_.now(), SetBack::Kind::kRetried, p.request_class()});
}

PrefillStage::Before PrefillStage::before(Slot slot) const {
  const Prompt& p = pool_[slot];
  return p.again() ? before_.at(slot) : Before{.first_token = events_.now(), .came = p.arrival};
}

void PrefillStage::units_change(const Event& e) {
  const Instant now = events_.now();
  if (e.what == Roster::What::kOrder)
    order(orders_.units(now, [this] { return take_load(); }));
  else
    apply({roster_.act({now, e.what, e.unit, e.epoch}, now)});
}

// For scaling: the signal since this was last asked, summed over units.
double PrefillStage::take_load() {
  const policy::ScalingSettings& s = fleet_.prefill.scaling;
  double work = std::exchange(fill_, 0.0);
  if (s.signal == policy::ScalingSignal::kQueue)
    for (const PrefillUnit& u : units_) work += u.queued_passes() * u.pass_time();
  return work / to_seconds(s.every).value();
}

void PrefillStage::order(std::int64_t units, bool at_once) {
  const Instant now = events_.now();
  std::vector<Roster::Changed> changed;
  roster_.order(units, now, at_once, changed);
  apply(changed);
  if (const auto next = orders_.next(now))
    events_.schedule(*next, Phase::kUnits, {0, 0, Roster::What::kOrder});
}

void PrefillStage::apply(const std::vector<Roster::Changed>& changed) {
  while (units_.size() < roster_.size()) {
    units_.emplace_back(fleet_, times_, balancer_words_, units_.size());
    courses_.push_back({.looks = events_.now()});
  }
  std::vector<Slot> prompts;
  const auto take = [&](const std::vector<Slot>& slots) {
    prompts.insert(prompts.end(), slots.begin(), slots.end());
  };
  for (const auto& [unit, change] : changed) {
    tell_change(unit, change);
    if (change == Roster::Change::kOpens) take(homeless_), homeless_.clear();
    if (change == Roster::Change::kCloses) take(units_[unit].take_queue(pool_));
    if (change == Roster::Change::kDrains) let_go_if_empty(unit);
    if (change == Roster::Change::kLost) {
      out_->lost.push_back({events_.now(), unit, courses_[unit].epoch++});
      courses_[unit].held_up = false;
      if (units_[unit].busy()) busy_.one_less(events_.now());
      units_[unit].for_each_begun([&](Slot slot) { computed_again(slot); });
      take(units_[unit].lose_all(pool_));
    }
  }
  totals_.failures = roster_.failures(), totals_.maintained = roster_.maintained();
  schedule_units();
  load_.reset(units_.size());
  for (std::size_t u = 0; u < units_.size(); ++u) set_load(u);
  for (const Slot slot : prompts) enqueue(slot);
}

// What the roster wants to be told again.
void PrefillStage::schedule_units() {
  for (const Roster::Due& due : roster_.take_due())
    if (due.at >= events_.now()) events_.schedule(due.at, Phase::kUnits, {due.unit, due.life, due.what});
}

void PrefillStage::enqueue(Slot slot, std::uint64_t session, std::int32_t in_memory) {
  Tale* const tale = settings_.tale;
  const bool told = tale != nullptr && tale->follows(pool_[slot].id());
  if (roster_.serving() == 0) {
    if (told) tale->add(NoUnit{events_.now()});
    return homeless_.push_back(slot);
  }
  const std::size_t unit = choose_unit(pool_[slot].id(), session);
  if (told) {
    followed_ = {slot, unit};
    tale->add(Queued{events_.now(), ChosenFrom::among(load_, unit),
                     static_cast<std::int64_t>(units_[unit].queued()), units_[unit].busy(),
                     courses_[unit].held_up});
    if (courses_[unit].held_up)
      tale->add(HeldUp{events_.now(), events_.now(), static_cast<std::uint32_t>(unit)});
  }
  units_[unit].enqueue(slot, events_.now(), pool_, in_memory);
  if (!units_[unit].busy() && !courses_[unit].held_up)
    start_pass(unit);
  else
    set_load(unit);
}

std::size_t PrefillStage::choose_unit(std::uint64_t id, std::uint64_t session) {
  const std::size_t chosen = chooser_.choose(load_, id);
  if (fleet_.prefill.balancer != policy::PrefillBalancer::kPrefixAffinity || session == 0) return chosen;
  const std::size_t at_home = home(session);
  const double now = to_seconds(events_.now() - Instant{}).value();
  const double later = std::max(load_[at_home], now) - std::max(load_[chosen], now);
  return later <= units_[at_home].pass_time() ? at_home : chosen;
}

// The unit of a session: the one with the greatest mark of those that serve, so that few sessions move when
// units come or go (rendezvous hashing: Thaler and Ravishankar, IEEE/ACM ToN 1998).
std::size_t PrefillStage::home(std::uint64_t session) const {
  std::size_t best = 0;
  std::uint64_t most = 0;
  for (std::size_t u = 0; u < units_.size(); ++u) {
    const PhiloxBlock words = balancer_words_.block(session, kHome + u);
    const std::uint64_t mark = (std::uint64_t{words[0]} << 32 | words[1]) | 1;
    if (roster_.serves(u) && mark > most) most = mark, best = u;
  }
  return best;
}

void PrefillStage::set_load(std::size_t unit) {
  const double load = policy::counts_prompts(fleet_.prefill.balancer)
                          ? static_cast<double>(units_[unit].outstanding())
                          : units_[unit].free_at();
  load_.set(unit, roster_.serves(unit) ? load : policy::LoadBoard::kNever);
}

// A unit that has prompts and can begin on none: it looks again when a prefix has been read, or at the next
// turn, when it may learn that decode has taken caches.
void PrefillStage::wait_to_start(std::size_t unit) {
  Course& course = courses_[unit];
  const Instant read = units_[unit].earliest_read();
  if (read <= events_.now()) {
    if (!course.held_up) ++totals_.held_up;
    course.held_up = true;
    units_[unit].blocked_until(turn_end_);
  } else if (course.looks <= events_.now() || read < course.looks) {
    course.looks = read;
    events_.schedule(read, Phase::kRead,
                     {static_cast<std::uint32_t>(unit), course.epoch, Roster::What::kReady});
  }
}

void PrefillStage::look_again(std::size_t unit) {
  if (can_start(unit)) start_pass(unit);
}

void PrefillStage::let_go_if_empty(std::size_t unit) {
  const PrefillUnit& u = units_[unit];
  if (!roster_.drains(unit) || u.busy() || u.has_work() || u.held() > 0) return;
  roster_.emptied(unit, events_.now());
  schedule_units();
}

bool PrefillStage::can_start(std::size_t unit) const {
  return !units_[unit].busy() && units_[unit].has_work();
}

void PrefillStage::start_pass(std::size_t unit) {
  const Instant now = events_.now();
  const std::int32_t computed = followed_on(unit) ? pool_[followed_->slot].computed : 0;
  Seconds duration;
  const bool begun = units_[unit].start_pass(now, pool_, duration);
  if (followed_on(unit)) tell_full(now);
  if (!begun) wait_to_start(unit);
  set_load(unit);
  if (!begun) return;
  CHECK(duration > Seconds(0.0), "a pass of unit {} takes {} s", unit, duration.value());
  courses_[unit].begun = now, courses_[unit].held_up = false;
  busy_.one_more(now);
  for (const Slot slot : units_[unit].first_begun())
    out_->began.push_back({pool_[slot].arrival, now, pool_[slot].request_class()});
  if (followed_on(unit)) tell_pass(now, duration, pool_[followed_->slot].computed - computed);
  ++totals_.passes;
  totals_.tokens += units_[unit].pass_tokens();
  fill_ += duration.value() * units_[unit].pass_used();
  if (settings_.in_window(now)) {
    ++totals_.window_passes;
    totals_.busy_s += duration.value();
    totals_.fills += units_[unit].pass_fill();
    totals_.window_tokens += units_[unit].pass_tokens();
  }
  events_.schedule(now + to_duration(duration), Phase::kPassEnd,
                   {static_cast<std::uint32_t>(unit), courses_[unit].epoch, Roster::What::kReady});
}

void PrefillStage::end_pass(std::size_t unit) {
  const Instant now = events_.now();
  busy_.one_less(now);
  const std::vector<Slot>& completed = units_[unit].finish_pass(pool_);
  words_.clear();
  for (const Slot slot : completed)
    words_.push_back(RandomStream::counter(pool_[slot].id(), static_cast<std::uint64_t>(before(slot).made)));
  answers_.draw(words_);
  for (std::size_t i = 0; i < completed.size(); ++i) {
    const Slot slot = completed[i];
    const Prompt& p = pool_[slot];
    const auto [made, begun, first_token, came] = before(slot);
    first_tokens_ += !p.again();
    const std::int32_t left = p.output - 1;  // the prompt itself gives a token
    if (followed_ && followed_->slot == slot) {
      settings_.tale->add(Computed{now, p.again()});
      followed_.reset();
    }
    out_->handed.push_back({.at = now,
                            .id = p.id(),
                            .arrival = p.arrival,
                            .first_token = first_token,
                            .input = p.input - made,
                            .cached = p.cached,
                            .output = p.output + made,
                            .made = made,
                            .steps = left > 0 ? answers_.steps(p.request_class(), left, words_[i]) : 0,
                            .request_class = p.request_class(),
                            .begun = begun,
                            .origin = {.unit = static_cast<std::uint32_t>(unit),
                                       .life = courses_[unit].epoch,
                                       .gpu = p.gpu(),
                                       .begun = courses_[unit].begun}});
    books_.goes(now, came, p.tokens());
    if (p.again()) before_.erase(slot);
    pool_.remove(slot);
  }
  units_[unit].has_work() ? start_pass(unit) : set_load(unit);
}

void PrefillStage::close_books() {
  const Instant now = events_.now();
  const auto stays = [&](Slot slot) { books_.stays(now, before(slot).came, pool_[slot].tokens()); };
  for (const PrefillUnit& u : units_) u.for_each(stays);
  for (const Slot slot : homeless_) stays(slot);
  books_.close(now);
}

std::string PrefillStage::describe() const {
  return fmt::format("seed {}, run {}, prefill at {} ns, {} requests arrived, {} wait", settings_.seed,
                     settings_.run, events_.now().ns, totals_.arrived, pool_.size());
}

}  // namespace tideline::fleet
