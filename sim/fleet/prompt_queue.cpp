#include "sim/fleet/prompt_queue.h"

namespace tideline::fleet {

using serving::Slot;

namespace {

// Served prompts that a queue keeps before it is moved up: few, so that it stays in the same lines of the
// cache. Decides cost alone.
constexpr std::size_t kServed = 32;

}  // namespace

void PromptQueue::pass_over(const Queued& prompt) {
  reading_.push({prompt.read, passed_over_++}, prompt.slot);
}

void PromptQueue::bring_back(Instant now, const PromptPool& pool) {
  while (!reading_.empty() && reading_.top().key.read <= now) {
    const auto [key, slot] = reading_.pop();
    pool.prefetch(slot);
    back_.push(key.place, {slot, key.read});
  }
}

void PromptQueue::move_up() {
  if (head_ == queue_.size()) {
    queue_.clear();
    head_ = 0;
  } else if (head_ > kServed && head_ * 2 > queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

Instant PromptQueue::next_read() const {
  if (!back_.empty()) return back_.top().value.read;
  return head_ < queue_.size() ? queue_[head_].read : reading_.top().key.read;
}

void PromptQueue::take_all(std::vector<Slot>& slots) {
  for (; !reading_.empty(); reading_.pop())
    back_.push(reading_.top().key.place, {reading_.top().value, reading_.top().key.read});
  for (; !back_.empty(); back_.pop()) slots.push_back(back_.top().value.slot);
  for (; head_ < queue_.size(); ++head_) slots.push_back(queue_[head_].slot);
  move_up();
}

}  // namespace tideline::fleet
