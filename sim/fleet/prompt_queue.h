// The prompts that wait in a prefill unit and that no pass has begun, in the order in which they came. Those
// whose cached prefix is still being read let those behind them go first, and take their place again when it
// has been.
//
// 1. serve() gives the prompts whose prefix has been read, the one that came first before all others.
// 2. A prompt is passed over once: it is then kept apart, by the instant at which its prefix has been read.
//    Its place in the queue is its number among those passed over, as all of these came before all others.
// 3. A prompt costs O(1), one that was passed over O(log n), however many wait or are being read.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/time.h"
#include "sim/engine/heap.h"
#include "sim/serving/pool.h"
#include "sim/serving/prompt.h"

namespace tideline::fleet {

using PromptPool = serving::Pool<serving::Prompt>;

class PromptQueue {
 public:
  // `read`: when its cached prefix has been read.
  void push(serving::Slot slot, Instant read) { queue_.push_back({slot, read}); }
  // Offers prompts until there are no more or `take` says false of one; those that it says true of leave.
  // REQUIRES: `now` is not before that of an earlier call.
  template <class Take>
  void serve(Instant now, const PromptPool& pool, Take take) {
    if (!reading_.empty()) bring_back(now, pool);
    for (; !back_.empty(); back_.pop())
      if (!take(back_.top().value.slot)) return;
    for (; head_ < queue_.size(); ++head_) {
      if (head_ + kAhead < queue_.size()) pool.prefetch(queue_[head_ + kAhead].slot);
      const Queued& next = queue_[head_];
      if (next.read > now)
        pass_over(next);
      else if (!take(next.slot))
        break;
    }
    move_up();
  }
  // When the prefix of the prompt that serve() would offer next has been read; not after now if the last one
  // was refused. REQUIRES: not empty, and no push() since serve().
  [[nodiscard]] Instant next_read() const;
  // Takes all, in their order, and adds them to `slots`.
  void take_all(std::vector<serving::Slot>& slots);

  [[nodiscard]] std::size_t size() const { return queue_.size() - head_ + reading_.size() + back_.size(); }
  // In no order that means anything.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = head_; i < queue_.size(); ++i) visit(queue_[i].slot);
    for (const auto& passed_over : reading_.entries()) visit(passed_over.value);
    for (const auto& passed_over : back_.entries()) visit(passed_over.value.slot);
  }

 private:
  // Prompts whose records are fetched from memory before their turn. Decides cost alone.
  static constexpr std::size_t kAhead = 16;
  struct Queued {
    serving::Slot slot;
    Instant read;
  };
  struct Reading {
    Instant read;
    std::uint64_t place;
    auto operator<=>(const Reading&) const = default;
  };
  void pass_over(const Queued& prompt);
  void bring_back(Instant now, const PromptPool& pool);
  void move_up();

  std::vector<Queued> queue_;  // from head_ on: not passed over
  std::size_t head_ = 0;
  engine::QuadHeap<Reading, serving::Slot> reading_;  // passed over
  engine::QuadHeap<std::uint64_t, Queued> back_;      // passed over, and read since: by place
  std::uint64_t passed_over_ = 0;
};

}  // namespace tideline::fleet
