// One prefill unit: a queue of prompts, and passes that compute as much of it as the budgets of each GPU
// allow.
//
// 1. A GPU has two budgets a pass: tokens, and work (attention counted in). A prompt that exceeds what is
//    left of either is cut and goes on in the next pass, ahead of the queue.
// 2. A pass starts as soon as the unit is free and something waits; all its GPUs start and end together.
// 3. free_at() is what the fleet's balancer sees: the end of the running pass and of as many more as what
//    waits will fill. What waits is an exact integer of pairs.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/policy/load_board.h"
#include "sim/serving/request_pool.h"
#include "sim/step/step_times.h"

namespace tideline::fleet {

class PrefillUnit {
 public:
  // `number`: of this unit among those of the fleet.
  PrefillUnit(const PrefillSettings& settings, step::StepTimes& times, std::uint64_t number);

  void enqueue(serving::Slot slot, const serving::RequestPool& pool);
  // REQUIRES: not busy, something queued. Returns how long the pass takes.
  Seconds start_pass(Instant now, serving::RequestPool& pool);
  // Ends the running pass: the prompts it completed, until the next pass starts.
  const std::vector<serving::Slot>& finish_pass(const serving::RequestPool& pool);
  // Takes everything that waits out of the unit (it is leaving); nothing of it is lost.
  std::vector<serving::Slot> take_queue(const serving::RequestPool& pool);

  // Takes every prompt out of a unit that is lost, what it computed of them forgotten.
  std::vector<serving::Slot> lose_all(serving::RequestPool& pool);

  [[nodiscard]] bool busy() const { return busy_; }
  [[nodiscard]] bool has_work() const { return queued() > 0 || !cut_.empty(); }
  // Seconds of the clock at which a pass begins that has room for one more prompt, as far as the budgets say;
  // in the past when the unit stands idle.
  [[nodiscard]] double free_at() const {
    return pass_end_ + std::floor(queued_work_ / pass_work_max_) * pass_time_;
  }
  // Of the last pass: how much of its budget of work was used.
  [[nodiscard]] double pass_fill() const { return pass_fill_; }
  [[nodiscard]] std::size_t queued() const { return queue_.size() - head_; }
  // Every prompt that is here: waiting, cut, or being completed.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = head_; i < queue_.size(); ++i) visit(queue_[i]);
    for (const serving::Slot slot : cut_) visit(slot);
    if (busy_) for (const serving::Slot slot : completing_) visit(slot);
  }

 private:
  [[nodiscard]] double work(double context, double tokens) const;
  [[nodiscard]] double work_left(const serving::Request& r) const;
  [[nodiscard]] double affordable(double work, double context) const;
  std::size_t next_gpu();
  bool place(serving::Slot slot, serving::RequestPool& pool);
  void drop_served_head();

  PrefillSettings settings_;
  step::StepTimes* times_;
  step::PrefillWeights weights_;
  std::uint64_t number_, passes_ = 0;
  double tokens_max_, work_max_;  // budgets of a GPU
  std::vector<serving::Slot> queue_;  // from head_ on
  std::size_t head_ = 0;
  std::vector<serving::Slot> cut_,
      begun_;  // prompts begun in an earlier pass; the same, while they are placed
  std::vector<serving::Slot> completing_;   // prompts that the running pass completes
  policy::LoadBoard gpu_work_;              // infinite where a budget is used up
  std::vector<double> gpu_tokens_, gpu_pairs_, gpu_context_;
  std::size_t next_gpu_ = 0;
  double queued_work_ = 0.0;  // of prompts, or what is left of them, that no pass has taken
  double pass_work_max_;      // budget of a pass, all GPUs together
  double pass_time_ = 0.0, pass_end_ = -1e9;  // seconds, of the last pass
  double pass_fill_ = 0.0;
  bool busy_ = false;
};

}  // namespace tideline::fleet
