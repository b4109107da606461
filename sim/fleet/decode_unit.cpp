#include "sim/fleet/decode_unit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/check.h"

namespace tideline::fleet {

using serving::Request;
using serving::RequestPool;
using serving::Slot;

DecodeUnit::DecodeUnit(const DecodeSettings& settings, step::StepTimes& times, std::uint64_t number)
    : settings_(settings),
      times_(&times),
      number_(number),
      capacity_(std::floor(settings.unit.kv_capacity_tokens(settings.memory_reserve))),
      load_(static_cast<std::size_t>(settings.unit.gpus())) {
  for (auto* by_rank : {&kv_tokens_, &kv_rate_, &requests_, &reserved_kv_})
    by_rank->assign(load_.size(), 0.0);
}

bool DecodeUnit::book(Slot slot, RequestPool& pool) {
  Request& r = pool[slot];
  std::size_t rank = settings_.balancer == policy::DecodeBalancer::kLeastLoaded ? load_.least()
                                                                                : next_rank_++ % load_.size();
  const double room = capacity_ - r.kv_at_end();
  auto fits = [&](std::size_t i) { return kv_tokens_[i] + reserved_kv_[i] <= room; };
  for (std::size_t tries = 1; !fits(rank); ++tries) {
    if (tries == load_.size()) return false;
    if (++rank == load_.size()) rank = 0;
  }
  r.rank = static_cast<std::uint16_t>(rank);
  reserved_kv_[rank] += r.kv_base;
  load_.add(rank, r.kv_base + settings_.request_weight);
  total_load_ += r.kv_base + settings_.request_weight;
  return true;
}

void DecodeUnit::expect(Slot slot, std::int32_t steps, Instant ready) {
  expected_.push_back({ready, slot, steps});
}

// Takes back what was booked.
void DecodeUnit::unbook(const Request& r) {
  reserved_kv_[r.rank] -= r.kv_base;
  load_.add(r.rank, -(r.kv_base + settings_.request_weight));
  total_load_ -= r.kv_base + settings_.request_weight;
}

void DecodeUnit::join(Slot slot, RequestPool& pool) {
  const Request& r = pool[slot];
  reserved_kv_[r.rank] -= r.kv_base;
  kv_tokens_[r.rank] += r.kv_base;
  kv_rate_[r.rank] += r.kv_rate;
  total_rate_ += r.kv_rate;
  requests_[r.rank] += 1.0;
  ring_.add(step_, r.steps_left, slot);
  ++active_;
}

void DecodeUnit::leave(const Request& r, double held) {
  kv_tokens_[r.rank] -= held;
  kv_rate_[r.rank] -= r.kv_rate;
  total_rate_ -= r.kv_rate;
  requests_[r.rank] -= 1.0;
  load_.add(r.rank, -(held + settings_.request_weight));
  total_load_ -= held + settings_.request_weight;
  --active_;
}

const std::vector<Slot>& DecodeUnit::end_step(RequestPool& pool) {
  stepping_ = false;
  ++step_;
  for (std::size_t i = 0; i < kv_tokens_.size(); ++i) kv_tokens_[i] += kv_rate_[i];
  load_.add_each(kv_rate_);
  total_load_ += total_rate_;
  finished_.clear();
  ring_.take(step_, finished_);
  for (const Slot slot : finished_) pool.prefetch(slot);
  for (const Slot slot : finished_) leave(pool[slot], pool[slot].kv_at_end());
  return finished_;
}

bool DecodeUnit::start_step(Instant now, RequestPool& pool, Seconds& duration) {
  for (const Expected& e : expected_) {
    pool.prefetch(e.slot);
    ring_.prefetch(step_ + e.steps);
  }
  for (std::size_t i = 0; i < expected_.size();)
    if (expected_[i].ready <= now) {
      join(expected_[i].slot, pool);
      expected_[i] = expected_.back();
      expected_.pop_back();
    } else {
      ++i;
    }
  if (active_ == 0) return false;
  for (const double kv : kv_tokens_) kv_most_ = std::max(kv_most_, kv);
  duration = times_->decode_step(
      {.requests = requests_, .kv_tokens = kv_tokens_, .requests_all = static_cast<double>(active_)},
      {number_, static_cast<std::uint64_t>(step_)});
  return stepping_ = true;
}

Instant DecodeUnit::earliest_ready() const {
  Instant earliest{std::numeric_limits<std::int64_t>::max()};
  for (const Expected& e : expected_) earliest = std::min(earliest, e.ready);
  return earliest;
}

std::vector<Slot> DecodeUnit::take_all(RequestPool& pool) {
  std::vector<Slot> taken;
  load_.expect_changes();
  for (std::int64_t ahead = 1; active_ > 0; ++ahead) {
    std::size_t next = taken.size();
    ring_.take(step_ + ahead, taken);
    for (; next < taken.size(); ++next) {
      Request& r = pool[taken[next]];
      // What it made here becomes part of what it brings to the next rank.
      const double held = r.kv_base + double{r.kv_rate} * static_cast<double>(r.steps_left - ahead);
      leave(r, held);
      r.kv_base = held;
      r.steps_left = static_cast<std::int32_t>(ahead);
    }
  }
  for (const Expected& e : expected_) {
    unbook(pool[e.slot]);
    taken.push_back(e.slot);
  }
  expected_.clear();
  stepping_ = false;
  return taken;
}

void DecodeUnit::check_books(const RequestPool& pool) const {
  std::vector<double> kv(kv_tokens_.size(), 0.0), requests(kv_tokens_.size(), 0.0);
  ring_.for_each(step_, [&](std::int64_t ahead, Slot slot) {
    const Request& r = pool[slot];
    kv[r.rank] += r.kv_base + double{r.kv_rate} * static_cast<double>(r.steps_left - ahead);
    requests[r.rank] += 1.0;
  });
  for (std::size_t rank = 0; rank < kv.size(); ++rank)
    CHECK(kv[rank] == kv_tokens_[rank] && requests[rank] == requests_[rank],
          "rank {}: {} requests hold {} tokens, the books say {} and {}", rank, requests[rank], kv[rank],
          requests_[rank], kv_tokens_[rank]);
}

}  // namespace tideline::fleet
