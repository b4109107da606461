#include "sim/fleet/decode_unit.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/check.h"

namespace tideline::fleet {

using serving::Answer;
using serving::AnswerPool;
using serving::Slot;

namespace {

constexpr std::uint32_t kRankSalt = 1;
// Steps for which the youngest are kept after blocks ran out, so that they are not looked up again at once:
// some minutes, after which a fleet is out of its peak or will look once more. Decides cost alone.
constexpr std::int64_t kKeepYoungest = 4096;
// How many are kept at first: few, so that they stay in the caches. Decides cost alone.
constexpr std::size_t kYoungest = 1024;

}  // namespace

DecodeUnit::DecodeUnit(const DecodeSettings& settings, const Answers& answers, step::StepTimes& times,
                       const RandomStream& words, std::uint64_t number)
    : admission_(settings.admission),
      answers_(&answers),
      times_(&times),
      number_(number),
      capacity_(settings.kv_blocks()),
      blocks_(static_cast<std::size_t>(settings.unit.gpus()), settings.kv_block_tokens, answers.rates()),
      ends_(static_cast<std::size_t>(settings.unit.gpus())),
      load_(static_cast<std::size_t>(settings.unit.gpus())),
      kv_weight_(settings.balancer == policy::DecodeBalancer::kLeastOutstanding ? 0.0 : 1.0),
      request_weight_(kv_weight_ > 0.0 ? settings.request_weight : 1.0),
      chooser_(policy::choice_of(settings.balancer), words, kRankSalt) {
  for (auto* by_rank : {&kv_tokens_, &kv_rate_, &requests_}) by_rank->assign(load_.size(), 0.0);
}

bool DecodeUnit::book(Slot slot, AnswerPool& pool) {
  const Standing s = standing(slot, pool);
  std::size_t rank = chooser_.choose(load_, pool[slot].id());
  policy::AdmissionView view{
      .capacity = capacity_, .request_now = blocks_.blocks(s.kv), .request_end = blocks_.blocks(s.kv_at_end)};
  const auto fits = [&](std::size_t i) {
    view.occupied = blocks_.occupied(i), view.ends = ends_[i];
    return policy::admits(admission_, view);
  };
  for (std::size_t tries = 1; !fits(rank); ++tries) {
    if (tries == load_.size()) return false;
    if (++rank == load_.size()) rank = 0;
  }
  pool[slot].set_rank(rank);
  blocks_.reserve(rank, s.kv);
  ends_[rank] += view.request_end;
  load_.add(rank, load_of(s.kv));
  total_load_ += load_of(s.kv);
  return true;
}

void DecodeUnit::expect(Slot slot, Instant ready) {
  expected_.push_back({ready, slot});
}

// Takes back what was booked.
void DecodeUnit::unbook(const Standing& s) {
  blocks_.unreserve(s.rank, s.kv);
  ends_[s.rank] -= blocks_.blocks(s.kv_at_end);
  load_.add(s.rank, -load_of(s.kv));
  total_load_ -= load_of(s.kv);
}

void DecodeUnit::join(Slot slot, const Standing& s) {
  blocks_.unreserve(s.rank, s.kv);
  blocks_.join(s.rank, s.growth, s.kv);
  kv_tokens_[s.rank] += s.kv;
  kv_rate_[s.rank] += s.rate;
  total_rate_ += s.rate;
  requests_[s.rank] += 1.0;
  ring_.add(step_, s.steps, slot);
  if (step_ < youngest_until_) remember({step_, step_ + s.steps, slot, s.rank});
  ++active_;
  if (s.request_class >= of_class_.size()) of_class_.resize(s.request_class + 1U);
  ++of_class_[s.request_class];
}

// Who joined last: listed when blocks run out after a long while, and kept up from then on.
void DecodeUnit::keep_youngest(const AnswerPool& pool) {
  if (step_ >= youngest_until_) {
    depth_ = kYoungest;
    list_youngest(pool);
  }
  youngest_until_ = step_ + kKeepYoungest;
}

void DecodeUnit::list_youngest(const AnswerPool& pool) {
  std::vector<Joined> all;
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    const Answer& a = pool[slot];
    all.push_back({step_ + ahead - a.steps(), step_ + ahead, slot, a.rank()});
  });
  std::ranges::sort(all, {}, &Joined::begin);
  youngest_.assign(all.end() - static_cast<std::ptrdiff_t>(std::min(depth_, all.size())), all.end());
}

// Those that have left are forgotten first, then the oldest.
void DecodeUnit::remember(Joined joined) {
  if (youngest_.size() >= 2 * depth_) {
    std::erase_if(youngest_, [&](const Joined& j) { return j.end <= step_; });
    const std::size_t old = youngest_.size() - std::min(depth_, youngest_.size());
    youngest_.erase(youngest_.begin(), youngest_.begin() + static_cast<std::ptrdiff_t>(old));
  }
  youngest_.push_back(joined);
}

// Of those that joined at one step the one that arrived last. Where it is older than all that are kept, they
// are listed anew and more are kept: those that left may outnumber those that stand.
DecodeUnit::Joined& DecodeUnit::youngest_on(std::size_t rank, const AnswerPool& pool) {
  for (bool all = false;; depth_ *= 2, list_youngest(pool), all = std::ssize(youngest_) == active_) {
    Joined* found = nullptr;
    for (std::size_t i = youngest_.size(); i-- > 0;) {
      Joined& j = youngest_[i];
      if (found != nullptr && j.begin < found->begin) break;
      if (j.rank != rank || j.end <= step_) continue;
      if (found == nullptr || pool[j.slot].id() > pool[found->slot].id()) found = &j;
    }
    if (found != nullptr) return *found;
    CHECK(!all, "rank {} is full, and nobody stands on it", rank);
  }
}

// Where it holds so many tokens.
void DecodeUnit::leave(const Standing& s, double kv) {
  kv_tokens_[s.rank] -= kv;
  kv_rate_[s.rank] -= s.rate;
  total_rate_ -= s.rate;
  requests_[s.rank] -= 1.0;
  ends_[s.rank] -= blocks_.blocks(s.kv_at_end);
  load_.add(s.rank, -load_of(kv));
  total_load_ -= load_of(kv);
  --active_;
  --of_class_[s.request_class];
}

void DecodeUnit::end_step(AnswerPool& pool, StepLists& lists) {
  stepping_ = false;
  ++step_;
  lists.finished.clear(), lists.standing.clear();
  ring_.take(step_, lists.finished);
  // Once more: start_step() asked for them, but the steps of other units have passed since.
  for (const Slot slot : lists.finished) pool.prefetch(slot);
  for (std::size_t i = 0; i < kv_tokens_.size(); ++i) kv_tokens_[i] += kv_rate_[i];
  for (const Slot slot : lists.finished) {
    const Standing& s = lists.standing.emplace_back(standing(slot, pool));
    blocks_.prefetch(s.rank, s.growth, s.kv_at_end);
  }
  if (kv_weight_ > 0.0) load_.add_each(kv_rate_);
  total_load_ += kv_weight_ * total_rate_;
  for (const Standing& s : lists.standing) {
    blocks_.leave(s.rank, s.growth, s.kv_at_end);
    leave(s, s.kv_at_end);
  }
}

// Takes the youngest request that stands on the rank off it.
void DecodeUnit::preempt(std::size_t rank, AnswerPool& pool, StepLists& lists) {
  CHECK(requests_[rank] > 1.0, "rank {}: one request alone does not fit", rank);
  Joined& youngest = youngest_on(rank, pool);
  const Slot slot = youngest.slot;
  const std::int64_t end = std::exchange(youngest.end, step_);
  const Standing s = standing(slot, pool);
  const double kv = s.kv_at(end - step_);
  ring_.remove(end, slot);
  blocks_.leave(rank, s.growth, kv + s.rate);  // those of the coming step are taken already
  leave(s, kv);
  pool.set_kv(slot, kv);
  lists.preempted.push_back(slot);
}

// The same for a request that is still on its way to the rank, the last that was sent. False: there is none.
bool DecodeUnit::preempt_expected(std::size_t rank, AnswerPool& pool, StepLists& lists) {
  for (std::size_t i = expected_.size(); i-- > 0;) {
    const Slot slot = expected_[i].slot;
    if (pool[slot].rank() != rank) continue;
    unbook(standing(slot, pool));
    lists.preempted.push_back(slot);
    expected_.erase(expected_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

// Blocks for the tokens of the coming step, on every rank.
void DecodeUnit::make_room(AnswerPool& pool, StepLists& lists) {
  blocks_.grow();
  const std::vector<std::int32_t>& occupied = blocks_.occupied();
  std::int64_t most = *std::ranges::max_element(occupied);
  if (most > capacity_) {
    load_.expect_changes();
    keep_youngest(pool);
    for (std::size_t rank = 0; rank < occupied.size(); ++rank)
      while (occupied[rank] > capacity_)
        if (!preempt_expected(rank, pool, lists)) preempt(rank, pool, lists);
    most = *std::ranges::max_element(occupied);
  }
  CHECK(most <= capacity_, "a rank holds {} blocks and has {}", most, capacity_);
  blocks_most_ = std::max(blocks_most_, most);
}

bool DecodeUnit::start_step(Instant now, AnswerPool& pool, StepLists& lists, Seconds& duration) {
  lists.let_in.clear(), lists.standing.clear();
  for (std::size_t i = 0; i < expected_.size();)
    if (expected_[i].ready <= now) {
      lists.let_in.push_back(expected_[i].slot);
      pool.prefetch(expected_[i].slot);
      expected_[i] = expected_.back();
      expected_.pop_back();
    } else {
      ++i;
    }
  for (const Slot slot : lists.let_in) {
    const Standing& s = lists.standing.emplace_back(standing(slot, pool));
    blocks_.prefetch(s.rank, s.growth, s.kv);
    ring_.prefetch(step_ + s.steps);
  }
  for (std::size_t i = 0; i < lists.let_in.size(); ++i) join(lists.let_in[i], lists.standing[i]);
  lists.preempted.clear();
  if (active_ == 0) return false;
  make_room(pool, lists);
  if (!lists.preempted.empty())
    std::erase_if(lists.let_in, [&](Slot slot) {
      return std::ranges::find(lists.preempted, slot) != lists.preempted.end();
    });
  ring_.next(step_ + 1, [&](Slot slot) { pool.prefetch(slot); });
  duration = times_->decode_step(
      {.requests = requests_, .kv_tokens = kv_tokens_, .requests_all = static_cast<double>(active_)},
      {number_, static_cast<std::uint64_t>(step_)});
  return stepping_ = true;
}

DecodeUnit::KvFill DecodeUnit::kv_fill() const {
  KvFill fill;
  for (const std::int32_t blocks : blocks_.occupied()) {
    fill.mean += blocks;
    fill.fullest = std::max(fill.fullest, static_cast<double>(blocks));
  }
  const auto capacity = static_cast<double>(capacity_);
  return {fill.mean / (capacity * static_cast<double>(requests_.size())), fill.fullest / capacity};
}

Instant DecodeUnit::earliest_ready() const {
  Instant earliest{std::numeric_limits<std::int64_t>::max()};
  for (const Expected& e : expected_) earliest = std::min(earliest, e.ready);
  return earliest;
}

std::vector<Slot> DecodeUnit::take_all(AnswerPool& pool) {
  std::vector<Slot> taken;
  load_.expect_changes();
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    // What it made here becomes part of what it brings to the next rank.
    const Standing s = standing(slot, pool);
    leave(s, s.kv_at(ahead));
    pool.set_kv(slot, s.kv_at(ahead));
    pool[slot].set_steps(ahead);
    taken.push_back(slot);
  });
  std::ranges::sort(taken, {}, [&](Slot slot) { return std::pair(pool[slot].steps(), pool[slot].id()); });
  ring_.clear(), youngest_.clear();
  for (const Expected& e : expected_) {
    unbook(standing(e.slot, pool));
    taken.push_back(e.slot);
  }
  expected_.clear();
  blocks_.clear();
  stepping_ = false;
  return taken;
}

void DecodeUnit::check_books(const AnswerPool& pool) const {
  std::vector<double> kv(kv_tokens_.size(), 0.0), requests(kv_tokens_.size(), 0.0);
  KvBlocks blocks = blocks_;
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    const Standing s = standing(slot, pool);
    kv[s.rank] += s.kv_at(ahead);
    requests[s.rank] += 1.0;
    blocks.leave(s.rank, s.growth, s.kv_at(ahead) + (stepping_ ? s.rate : 0.0));
  });
  for (const Expected& e : expected_) blocks.unreserve(pool[e.slot].rank(), pool.kv(e.slot));
  for (std::size_t rank = 0; rank < kv.size(); ++rank) {
    CHECK(kv[rank] == kv_tokens_[rank] && requests[rank] == requests_[rank],
          "rank {}: {} requests hold {} tokens, the books say {} and {}", rank, requests[rank], kv[rank],
          requests_[rank], kv_tokens_[rank]);
    CHECK(blocks.occupied(rank) == 0, "rank {}: {} blocks more than its requests hold", rank,
          blocks.occupied(rank));
  }
}

}  // namespace tideline::fleet
