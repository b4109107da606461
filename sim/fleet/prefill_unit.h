// One prefill unit: a queue of prompts, and passes that compute as much of it as the budgets of each GPU
// allow.
//
// 1. A GPU has two budgets a pass: tokens, and work (attention counted in). A prompt that exceeds what is
//    left of either is cut and goes on in the next pass, ahead of the queue.
// 2. A pass starts as soon as the unit is free and something waits; all its GPUs start and end together.
// 3. The cache of a prompt, its cached prefix among it, takes memory of the unit from the pass that begins it
//    until decode has taken it (release()). A prompt that would not fit waits, and those behind it; held() is
//    never more than the memory. The memory of the unit's GPUs is counted together.
// 4. The KV of a cached prefix is read by one of the unit's nodes, the first that is free, one prefix after
//    the other. A prompt waits for it, and lets those behind it go first.
// 5. free_at() is what the fleet's balancer sees: the end of the running pass and of as many more as what
//    waits will fill. What waits is an exact integer of pairs.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/fleet/prompt_queue.h"
#include "sim/policy/chooser.h"
#include "sim/policy/load_board.h"
#include "sim/serving/prompt.h"
#include "sim/step/step_times.h"

namespace tideline::fleet {

class PrefillUnit {
 public:
  // `words`: of its balancer; `number`: of this unit among those of the fleet.
  PrefillUnit(const Fleet& fleet, step::StepTimes& times, const RandomStream& words, std::uint64_t number);

  // `in_memory`: tokens of its cached prefix that are not read from storage.
  void enqueue(serving::Slot slot, Instant now, const PromptPool& pool, std::int32_t in_memory = 0);
  // False when nothing that waits can be computed now: its prefix is being read, or the memory is full.
  // REQUIRES: not busy. Returns how long the pass takes.
  bool start_pass(Instant now, PromptPool& pool, Seconds& duration);
  // Ends the running pass: the prompts it completed, until the next pass starts.
  const std::vector<serving::Slot>& finish_pass(const PromptPool& pool);
  // Takes everything that waits out of the unit (it is leaving). What was computed of a prompt that is cut
  // stays behind.
  std::vector<serving::Slot> take_queue(PromptPool& pool);

  // Decode has taken caches of so many tokens.
  void release(std::int64_t tokens);
  // It cannot begin before then, and its balancer should know.
  void blocked_until(Instant then) { pass_end_ = to_seconds(then - Instant{}).value(); }
  // When the prefix of a prompt that waits has been read, of the first one; not after now when it is memory
  // that is missing. REQUIRES: start_pass() has just returned false.
  [[nodiscard]] Instant earliest_read() const { return queue_.next_read(); }

  // Takes every prompt out of a unit that is lost, what it computed of them (for_each_begun) forgotten.
  std::vector<serving::Slot> lose_all(PromptPool& pool);

  [[nodiscard]] bool busy() const { return busy_; }
  [[nodiscard]] bool has_work() const { return queued() > 0 || !cut_.empty(); }
  // Seconds of the clock at which a pass begins that has room for one more prompt, as far as the budgets say;
  // in the past when the unit stands idle.
  [[nodiscard]] double free_at() const {
    return pass_end_ + static_cast<double>(static_cast<std::int64_t>(queued_passes())) * pass_time_;
  }
  // Full passes that what waits would take.
  [[nodiscard]] double queued_passes() const { return queued_work_ * passes_per_work_; }
  [[nodiscard]] double pass_time() const { return pass_time_; }
  // Prompts that wait or are being computed.
  [[nodiscard]] std::size_t outstanding() const {
    return queued() + cut_.size() + (busy_ ? completing_.size() : 0);
  }
  // Of the last pass: how much of its budget of work was used, and the tokens that it computes.
  [[nodiscard]] double pass_fill() const { return pass_fill_; }
  [[nodiscard]] double pass_tokens() const { return pass_tokens_; }
  // The same of both budgets: each GPU by the one that it used more of. 1: none had room for another prompt.
  [[nodiscard]] double pass_used() const { return pass_used_; }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  // The last pass, or try for one, left prompts in the queue for whose cache there was no room.
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::int64_t held() const { return held_; }
  [[nodiscard]] double memory_fill_max() const {
    return static_cast<double>(held_most_) / static_cast<double>(memory_);
  }
  // Of the last pass: prompts that it computes something of, and those of them that none has before.
  [[nodiscard]] std::size_t prompts() const { return prompts_; }
  [[nodiscard]] const std::vector<serving::Slot>& first_begun() const { return first_begun_; }
  // Every prompt that is here: waiting, cut, or being completed.
  template <class Visit>
  void for_each(Visit visit) const {
    queue_.for_each(visit);
    for_each_begun(visit);
  }
  // Those of which something is computed, or being computed.
  template <class Visit>
  void for_each_begun(Visit visit) const {
    for (const serving::Slot slot : cut_) visit(slot);
    if (busy_)
      for (const serving::Slot slot : completing_) visit(slot);
  }

 private:
  [[nodiscard]] double work(double context, double tokens) const;
  [[nodiscard]] double work_left(const serving::Prompt& p) const;
  [[nodiscard]] double affordable(double work, double context) const;
  bool place(serving::Slot slot, PromptPool& pool);
  [[nodiscard]] Instant read_prefix(std::int32_t from_storage, std::int32_t from_memory, Instant now);
  void place_queue(Instant now, PromptPool& pool);

  step::StepTimes* times_;
  step::PrefillWeights weights_;
  std::uint64_t number_, passes_ = 0;
  double tokens_max_, work_max_;  // budgets of a GPU
  double chunk_work_;             // of the smallest part of a prompt
  PromptQueue queue_;
  std::vector<Instant> readers_;           // by node: when it has read what it was given to read
  std::vector<double> read_ns_per_token_;  // by node
  double memory_ns_per_token_;
  std::int64_t memory_, held_ = 0, held_most_ = 0;  // tokens of cache
  std::vector<serving::Slot> cut_,
      begun_;  // prompts begun in an earlier pass; the same, while they are placed
  std::vector<serving::Slot> completing_;  // prompts that the running pass completes
  std::vector<serving::Slot> first_begun_;
  std::size_t prompts_ = 0;
  policy::LoadBoard gpu_work_;  // infinite where a budget is used up
  std::vector<double> gpu_tokens_, gpu_pairs_, gpu_context_;
  policy::Chooser chooser_;                   // of GPUs
  double queued_work_ = 0.0;                  // of prompts, or what is left of them, that no pass has taken
  double pass_work_max_;                      // budget of a pass, all GPUs together
  double passes_per_work_;                    // its reciprocal
  double pass_time_ = 0.0, pass_end_ = -1e9;  // seconds, of the last pass
  double pass_fill_ = 0.0, pass_used_ = 0.0, pass_tokens_ = 0.0;
  bool busy_ = false, full_ = false;
};

}  // namespace tideline::fleet
