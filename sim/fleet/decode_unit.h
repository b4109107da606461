// One decode unit: ranks (GPUs) that step together. A request stands on one rank from the step after its KV
// cache has arrived until its last token.
//
// 1. kv_tokens[rank] = sum over its requests of prompt + tokens made so far, exactly: growth per step is a
//    multiple of 2^-20 and what a request added is taken off when it leaves.
// 2. A step costs O(ranks) plus O(requests that join or leave in it).
// 3. load[rank] also counts requests that are still on their way.
// 4. A rank never holds more KV blocks than it has: before a step whose tokens would not fit, the youngest
//    requests are taken off it (preempted), those that are still on their way first. The oldest stays: alone,
//    it fits.
// 5. A request adds the mean of its class to its cache with every step, so that all of a class grow alike:
//    what it holds at its end is input + output on average, within 0.26 sqrt(output) tokens for one draft
//    of two that is accepted in 85 % (one standard deviation); exactly where nothing is drafted.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fleet/answers.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/kv_blocks.h"
#include "sim/fleet/step_ring.h"
#include "sim/policy/chooser.h"
#include "sim/policy/load_board.h"
#include "sim/serving/answer.h"
#include "sim/step/step_times.h"

namespace tideline::fleet {

// What a request has to do with its rank, read from its record.
struct Standing {
  std::uint16_t rank;
  std::uint8_t request_class, growth;
  double rate;           // tokens a step
  std::int64_t steps;    // from its first to its last
  double kv, kv_at_end;  // tokens of cache, when it joins and when it has ended
  // So many steps before its end.
  [[nodiscard]] double kv_at(std::int64_t steps_left) const {
    return kv + rate * static_cast<double>(steps - steps_left);
  }
};

// What a step begins and ends, whichever unit's: one for all units, so that it stays in the caches.
struct StepLists {
  std::vector<serving::Slot> finished, let_in;
  std::vector<serving::Slot> preempted;  // taken off their ranks with what they held: their caches are gone
  std::vector<Standing> standing;        // of those that end, or join
};

class DecodeUnit {
 public:
  // `answers`: how each class grows; `number`: of this unit among those of the fleet; `words`: of its
  // balancer.
  DecodeUnit(const DecodeSettings& settings, const Answers& answers, step::StepTimes& times,
             const RandomStream& words, std::uint64_t number);

  // A rank with room for the request, booked from now on; false when every rank is full.
  bool book(serving::Slot slot, serving::AnswerPool& pool);
  // The KV cache of a booked request is complete at `ready`: it joins at the first step that starts then or
  // later.
  void expect(serving::Slot slot, Instant ready);

  // Ends the running step: the requests that it finished, in a fixed order, are off their ranks but still in
  // the pool.
  void end_step(serving::AnswerPool& pool, StepLists& lists);
  // Lets in what is ready, takes off what would not fit (preempts), then: how long the next step takes, or
  // nothing when no request is on a rank.
  bool start_step(Instant now, serving::AnswerPool& pool, StepLists& lists, Seconds& duration);
  // When the next expected request is ready; for a unit that stands idle.
  [[nodiscard]] Instant earliest_ready() const;

  // Takes every request out (the unit is leaving), with the steps each has left. Order: as they end, of those
  // that end together as they arrived, then those that are on their way.
  std::vector<serving::Slot> take_all(serving::AnswerPool& pool);

  [[nodiscard]] bool stepping() const { return stepping_; }
  [[nodiscard]] bool empty() const { return active_ == 0 && expected_.empty(); }
  [[nodiscard]] bool expecting() const { return !expected_.empty(); }
  [[nodiscard]] double total_load() const { return total_load_; }
  // Fullest rank ever, of its blocks.
  [[nodiscard]] double kv_fill_max() const {
    return static_cast<double>(blocks_most_) / static_cast<double>(capacity_);
  }
  [[nodiscard]] std::int64_t active() const { return active_; }
  [[nodiscard]] std::int64_t expected() const { return static_cast<std::int64_t>(expected_.size()); }
  // Requests on ranks, by class; classes that never came may be left out.
  [[nodiscard]] const std::vector<std::uint32_t>& of_class() const { return of_class_; }
  // Tokens that a step makes.
  [[nodiscard]] double tokens_per_step() const { return total_rate_; }
  // Of the capacity of a rank: mean over the ranks, and the fullest.
  struct KvFill {
    double mean = 0.0, fullest = 0.0;
  };
  [[nodiscard]] KvFill kv_fill() const;
  [[nodiscard]] double kv_fill(std::size_t rank) const {
    return static_cast<double>(blocks_.occupied(rank)) / static_cast<double>(capacity_);
  }
  [[nodiscard]] double requests(std::size_t rank) const { return requests_[rank]; }
  [[nodiscard]] const policy::LoadBoard& rank_loads() const { return load_; }
  // What a request of so many cached tokens adds to a load.
  [[nodiscard]] double load_of(double kv_tokens) const { return kv_weight_ * kv_tokens + request_weight_; }
  // Every request that is here, on a rank or expected.
  template <class Visit>
  void for_each(Visit visit) const {
    ring_.for_each(step_, [&](std::int64_t, serving::Slot slot) { visit(slot); });
    for (const Expected& e : expected_) visit(e.slot);
  }
  // Invariants 1 and 4, by walking every request: for the end of a run and for tests.
  void check_books(const serving::AnswerPool& pool) const;

 private:
  struct Expected {
    Instant ready;
    serving::Slot slot;
  };
  // Stands on its rank from one step to another. Of one that was taken off: until the step before.
  struct Joined {
    std::int64_t begin, end;
    serving::Slot slot;
    std::uint16_t rank;
  };

  [[nodiscard]] Standing standing(serving::Slot slot, const serving::AnswerPool& pool) const {
    const serving::Answer& a = pool[slot];
    const double rate = answers_->rate(a.request_class()), kv = pool.kv(slot);
    return {a.rank(),
            a.request_class(),
            answers_->growth(a.request_class()),
            rate,
            a.steps(),
            kv,
            kv + rate * static_cast<double>(a.steps())};
  }
  void join(serving::Slot slot, const Standing& s);
  void keep_youngest(const serving::AnswerPool& pool);
  void list_youngest(const serving::AnswerPool& pool);
  void remember(Joined joined);
  Joined& youngest_on(std::size_t rank, const serving::AnswerPool& pool);
  void leave(const Standing& s, double kv);
  void unbook(const Standing& s);
  void preempt(std::size_t rank, serving::AnswerPool& pool, StepLists& lists);
  bool preempt_expected(std::size_t rank, serving::AnswerPool& pool, StepLists& lists);
  void make_room(serving::AnswerPool& pool, StepLists& lists);

  policy::AdmissionSettings admission_;
  const Answers* answers_;
  step::StepTimes* times_;
  std::uint64_t number_;
  std::int64_t capacity_;  // KV blocks of a rank
  KvBlocks blocks_;
  std::vector<std::int64_t> ends_;  // by rank: blocks of its requests when each has reached its end
  std::vector<double> kv_tokens_, kv_rate_, requests_;  // by rank
  // The youngest, in the order of the steps at which they joined; some have left. Only kept for a while after
  // blocks ran out.
  std::vector<Joined> youngest_;
  std::int64_t youngest_until_ = 0;  // step
  std::size_t depth_ = 0;            // how many are kept at least
  policy::LoadBoard load_;           // by rank
  StepRing ring_;
  std::vector<Expected> expected_;
  std::vector<std::uint32_t> of_class_;
  std::int64_t step_ = 0, active_ = 0, blocks_most_ = 0;
  double total_load_ = 0.0, total_rate_ = 0.0;
  double kv_weight_, request_weight_;  // in loads: of a cached token, of a request
  policy::Chooser chooser_;
  bool stepping_ = false;
};

}  // namespace tideline::fleet
