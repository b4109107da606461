#include "sim/fleet/decode_unit.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/check.h"

namespace tideline::fleet {

using serving::Request;
using serving::RequestPool;
using serving::Slot;

namespace {

constexpr std::uint32_t kRankSalt = 1;
// Steps for which ages are kept after blocks ran out, so that they are not looked up again at once: some
// minutes, after which a fleet is out of its peak or will look once more. Decides cost alone.
constexpr std::int64_t kKeepJoined = 4096;

}  // namespace

DecodeUnit::DecodeUnit(const DecodeSettings& settings, const std::vector<double>& rates,
                       step::StepTimes& times, const RandomStream& words, std::uint64_t number)
    : settings_(settings),
      times_(&times),
      number_(number),
      capacity_(settings.kv_blocks()),
      blocks_(static_cast<std::size_t>(settings.unit.gpus()), settings.kv_block_tokens, rates),
      ends_(static_cast<std::size_t>(settings.unit.gpus())),
      load_(static_cast<std::size_t>(settings.unit.gpus())),
      kv_weight_(settings.balancer == policy::DecodeBalancer::kLeastOutstanding ? 0.0 : 1.0),
      request_weight_(kv_weight_ > 0.0 ? settings.request_weight : 1.0),
      chooser_(policy::choice_of(settings.balancer), words, kRankSalt) {
  for (auto* by_rank : {&kv_tokens_, &kv_rate_, &requests_}) by_rank->assign(load_.size(), 0.0);
}

bool DecodeUnit::book(Slot slot, RequestPool& pool) {
  Request& r = pool[slot];
  std::size_t rank = chooser_.choose(load_, r.id);
  policy::AdmissionView view{.capacity = capacity_,
                             .request_now = blocks_.blocks(r.kv_base),
                             .request_end = blocks_.blocks(r.kv_at_end())};
  const auto fits = [&](std::size_t i) {
    view.occupied = blocks_.occupied(i), view.ends = ends_[i];
    return policy::admits(settings_.admission, view);
  };
  for (std::size_t tries = 1; !fits(rank); ++tries) {
    if (tries == load_.size()) return false;
    if (++rank == load_.size()) rank = 0;
  }
  r.rank = static_cast<std::uint16_t>(rank);
  blocks_.reserve(rank, r.kv_base);
  ends_[rank] += view.request_end;
  load_.add(rank, load_of(r.kv_base));
  total_load_ += load_of(r.kv_base);
  return true;
}

void DecodeUnit::expect(Slot slot, Instant ready) {
  expected_.push_back({ready, slot});
}

// Takes back what was booked.
void DecodeUnit::unbook(const Request& r) {
  blocks_.unreserve(r.rank, r.kv_base);
  ends_[r.rank] -= blocks_.blocks(r.kv_at_end());
  load_.add(r.rank, -load_of(r.kv_base));
  total_load_ -= load_of(r.kv_base);
}

void DecodeUnit::join(Slot slot, RequestPool& pool) {
  const Request& r = pool[slot];
  blocks_.unreserve(r.rank, r.kv_base);
  blocks_.join(r.rank, r.growth, r.kv_base);
  kv_tokens_[r.rank] += r.kv_base;
  kv_rate_[r.rank] += r.kv_rate;
  total_rate_ += r.kv_rate;
  requests_[r.rank] += 1.0;
  ring_.add(step_, r.steps_left, slot);
  if (step_ < joined_until_) remember({step_ + r.steps_left, slot, r.rank});
  ++active_;
  if (r.request_class >= of_class_.size()) of_class_.resize(r.request_class + 1U);
  ++of_class_[r.request_class];
}

// Who stands on the ranks, by age: looked up when blocks run out after a long while, and kept up from then
// on.
void DecodeUnit::list_standing(const RequestPool& pool) {
  if (step_ >= joined_until_) {
    joined_.clear();
    ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
      joined_.push_back({step_ + ahead, slot, pool[slot].rank});
    });
    std::ranges::sort(joined_, {}, [&](const Joined& j) {
      return std::pair(j.end - pool[j.slot].steps_left, pool[j.slot].id);
    });
  }
  joined_until_ = step_ + kKeepJoined;
}

// Those that have left are forgotten when they are the half.
void DecodeUnit::remember(Joined joined) {
  if (joined_.size() >= 2 * static_cast<std::size_t>(active_) + 64)
    std::erase_if(joined_, [&](const Joined& j) { return j.end <= step_; });
  joined_.push_back(joined);
}

void DecodeUnit::leave(const Request& r, double held) {
  kv_tokens_[r.rank] -= held;
  kv_rate_[r.rank] -= r.kv_rate;
  total_rate_ -= r.kv_rate;
  requests_[r.rank] -= 1.0;
  ends_[r.rank] -= blocks_.blocks(r.kv_at_end());
  load_.add(r.rank, -load_of(held));
  total_load_ -= load_of(held);
  --active_;
  --of_class_[r.request_class];
}

const std::vector<Slot>& DecodeUnit::end_step(RequestPool& pool) {
  stepping_ = false;
  ++step_;
  finished_.clear();
  ring_.take(step_, finished_);
  // Once more: start_step() asked for them, but the steps of other units have passed since.
  for (const Slot slot : finished_) pool.prefetch(slot);
  for (std::size_t i = 0; i < kv_tokens_.size(); ++i) kv_tokens_[i] += kv_rate_[i];
  for (const Slot slot : finished_) {
    const Request& r = pool[slot];
    blocks_.prefetch(r.rank, r.growth, r.kv_at_end());
  }
  if (kv_weight_ > 0.0) load_.add_each(kv_rate_);
  total_load_ += kv_weight_ * total_rate_;
  for (const Slot slot : finished_) {
    const Request& r = pool[slot];
    const double held = r.kv_at_end();
    blocks_.leave(r.rank, r.growth, held);
    leave(r, held);
  }
  return finished_;
}

// Takes the youngest request that stands on the rank off it.
void DecodeUnit::preempt(std::size_t rank, RequestPool& pool) {
  auto youngest = joined_.rbegin();
  while (youngest != joined_.rend() && (youngest->rank != rank || youngest->end <= step_)) ++youngest;
  CHECK(youngest != joined_.rend() && requests_[rank] > 1.0, "rank {}: one request alone does not fit", rank);
  const Slot slot = youngest->slot;
  const std::int64_t end = std::exchange(youngest->end, step_);
  Request& r = pool[slot];
  const double held = r.kv_base + double{r.kv_rate} * static_cast<double>(r.steps_left - (end - step_));
  ring_.remove(end, slot);
  blocks_.leave(rank, r.growth, held + double{r.kv_rate});  // those of the coming step are taken already
  leave(r, held);
  r.kv_base = held;
  preempted_.push_back(slot);
}

// The same for a request that is still on its way to the rank, the last that was sent. False: there is none.
bool DecodeUnit::preempt_expected(std::size_t rank, RequestPool& pool) {
  for (std::size_t i = expected_.size(); i-- > 0;) {
    const Slot slot = expected_[i].slot;
    if (pool[slot].rank != rank) continue;
    unbook(pool[slot]);
    preempted_.push_back(slot);
    expected_.erase(expected_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

// Blocks for the tokens of the coming step, on every rank.
void DecodeUnit::make_room(RequestPool& pool) {
  blocks_.grow();
  const std::vector<std::int32_t>& occupied = blocks_.occupied();
  std::int64_t most = *std::ranges::max_element(occupied);
  if (most > capacity_) {
    load_.expect_changes();
    list_standing(pool);
    for (std::size_t rank = 0; rank < occupied.size(); ++rank)
      while (occupied[rank] > capacity_)
        if (!preempt_expected(rank, pool)) preempt(rank, pool);
    most = *std::ranges::max_element(occupied);
  }
  CHECK(most <= capacity_, "a rank holds {} blocks and has {}", most, capacity_);
  blocks_most_ = std::max(blocks_most_, most);
}

bool DecodeUnit::start_step(Instant now, RequestPool& pool, Seconds& duration) {
  let_in_.clear();
  for (std::size_t i = 0; i < expected_.size();)
    if (expected_[i].ready <= now) {
      let_in_.push_back(expected_[i].slot);
      pool.prefetch(expected_[i].slot);
      expected_[i] = expected_.back();
      expected_.pop_back();
    } else {
      ++i;
    }
  for (const Slot slot : let_in_) {
    const Request& r = pool[slot];
    blocks_.prefetch(r.rank, r.growth, r.kv_base);
    ring_.prefetch(step_ + r.steps_left);
  }
  for (const Slot slot : let_in_) join(slot, pool);
  preempted_.clear();
  if (active_ == 0) return false;
  make_room(pool);
  if (!preempted_.empty())
    std::erase_if(let_in_,
                  [&](Slot slot) { return std::ranges::find(preempted_, slot) != preempted_.end(); });
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

std::vector<Slot> DecodeUnit::take_all(RequestPool& pool) {
  std::vector<Slot> taken;
  load_.expect_changes();
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    Request& r = pool[slot];
    // What it made here becomes part of what it brings to the next rank.
    const double held = r.kv_base + double{r.kv_rate} * static_cast<double>(r.steps_left - ahead);
    leave(r, held);
    r.kv_base = held;
    r.steps_left = static_cast<std::int32_t>(ahead);
    taken.push_back(slot);
  });
  std::ranges::sort(taken, {}, [&](Slot slot) { return std::pair(pool[slot].steps_left, pool[slot].id); });
  ring_.clear(), joined_.clear();
  for (const Expected& e : expected_) {
    unbook(pool[e.slot]);
    taken.push_back(e.slot);
  }
  expected_.clear();
  blocks_.clear();
  stepping_ = false;
  return taken;
}

void DecodeUnit::check_books(const RequestPool& pool) const {
  std::vector<double> kv(kv_tokens_.size(), 0.0), requests(kv_tokens_.size(), 0.0);
  KvBlocks blocks = blocks_;
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    const Request& r = pool[slot];
    const double held = r.kv_base + double{r.kv_rate} * static_cast<double>(r.steps_left - ahead);
    kv[r.rank] += held;
    requests[r.rank] += 1.0;
    blocks.leave(r.rank, r.growth, held + (stepping_ ? double{r.kv_rate} : 0.0));
  });
  for (const Expected& e : expected_) blocks.unreserve(pool[e.slot].rank, pool[e.slot].kv_base);
  for (std::size_t rank = 0; rank < kv.size(); ++rank) {
    CHECK(kv[rank] == kv_tokens_[rank] && requests[rank] == requests_[rank],
          "rank {}: {} requests hold {} tokens, the books say {} and {}", rank, requests[rank], kv[rank],
          requests_[rank], kv_tokens_[rank]);
    CHECK(blocks.occupied(rank) == 0, "rank {}: {} blocks more than its requests hold", rank,
          blocks.occupied(rank));
  }
}

}  // namespace tideline::fleet
