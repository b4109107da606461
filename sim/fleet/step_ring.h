// Which requests end at which coming step of a decode unit. Steps that are far away lie in blocks of 128, as
// they came; when the first step of a block is next, its requests are laid out step by step. What is written
// to are the last lines of some hundred blocks and steps, whatever the number of requests: they stay in
// the caches of a core, where one bucket a step would not.
//
// 1. near_ has the steps of block_, far_ those of later blocks, at most kSteps ahead.
// 2. A bucket is a chain of lines, each of many requests. Lines are reused: memory follows the number of
//    requests, never the number of steps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/serving/pool.h"

namespace tideline::fleet {

class StepRing {
 public:
  // Steps ahead that the ring covers: more than the longest answer has tokens.
  static constexpr std::int64_t kSteps = std::int64_t{1} << 17;

  StepRing() { clear(); }

  void clear() {
    near_.fill(kNone), far_.assign(kSteps >> kLogBlock, kNone);
    lines_.clear(), free_.clear();
  }
  // REQUIRES: 0 < ahead < kSteps, counted from `now`, the step taken last.
  void add(std::int64_t now, std::int64_t ahead, serving::Slot slot) {
    CHECK(ahead > 0 && ahead < kSteps, "{} steps ahead", ahead);
    add_to(bucket(now + ahead), now + ahead, slot);
  }
  // Begins to fetch the line that add() will write to.
  void prefetch(std::int64_t step) {
    if (const std::uint32_t head = bucket(step); head != kNone) fetch(lines_[head]);
  }
  // Calls visit(slot) for every request of the next step. REQUIRES: `step` is the one after that taken last.
  template <class Visit>
  void next(std::int64_t step, Visit visit) {
    if (step >> kLogBlock != block_) lay_out(step >> kLogBlock);
    each_of(bucket(step), [&](std::int64_t, serving::Slot slot) { visit(slot); });
    prefetch(step + 1);
  }
  // Moves the requests of the next step to the end of `slots`: last line first.
  void take(std::int64_t step, std::vector<serving::Slot>& slots) {
    next(step, [&](serving::Slot slot) { slots.push_back(slot); });
    std::uint32_t& head = bucket(step);
    while (head != kNone) drop_line(head);
  }
  // Takes out one request. REQUIRES: it was added for that step. O(requests of the block).
  void remove(std::int64_t step, serving::Slot slot) {
    std::uint32_t& head = bucket(step);
    for (std::uint32_t at = head; at != kNone; at = lines_[at].next) {
      Line& line = lines_[at];
      for (std::uint32_t i = 0; i < line.count; ++i)
        if (line.slots[i] == slot && line.steps[i] == within(step)) {
          Line& first = lines_[head];
          --first.count;
          line.slots[i] = first.slots[first.count], line.steps[i] = first.steps[first.count];
          if (first.count == 0) drop_line(head);
          return;
        }
    }
    CHECK(false, "request in slot {} does not end at step {}", slot, step);
  }
  // Calls visit(ahead, slot) for every request, in no order. For rare occasions.
  template <class Visit>
  void for_each(std::int64_t now, Visit visit) const {
    const auto each = [&](std::int64_t block, std::uint32_t head) {
      each_of(head, [&](std::int64_t in_block, serving::Slot slot) {
        visit((block << kLogBlock) + in_block - now, slot);
      });
    };
    for (const std::uint32_t head : near_) each(block_, head);
    for (std::int64_t block = block_ + 1; block <= (now + kSteps) >> kLogBlock; ++block)
      each(block, far_[far_index(block)]);
  }

 private:
  static constexpr int kLogBlock = 7;
  static constexpr std::int64_t kBlock = std::int64_t{1} << kLogBlock;
  static constexpr std::uint32_t kNone = 0xffffffffu;
  static constexpr std::uint32_t kPerLine = 23;
  // Two lines of the cache. It knows the one after next as well, so that a chain is fetched from memory two
  // lines ahead.
  struct alignas(128) Line {
    std::uint32_t next, after;
    std::uint8_t count;
    std::array<std::uint8_t, kPerLine> steps;  // within their block
    std::array<serving::Slot, kPerLine> slots;
  };
  static_assert(sizeof(Line) == 128);

  static std::uint8_t within(std::int64_t step) { return static_cast<std::uint8_t>(step & (kBlock - 1)); }
  static std::size_t far_index(std::int64_t block) {
    return static_cast<std::size_t>(block & ((kSteps >> kLogBlock) - 1));
  }
  std::uint32_t& bucket(std::int64_t step) {
    const std::int64_t block = step >> kLogBlock;
    return block == block_ ? near_[within(step)] : far_[far_index(block)];
  }
  void add_to(std::uint32_t& head, std::int64_t step, serving::Slot slot) {
    if (head == kNone || lines_[head].count == kPerLine) head = new_line(head);
    Line& line = lines_[head];
    line.steps[line.count] = within(step);
    line.slots[line.count++] = slot;
  }
  template <class Visit>
  void each_of(std::uint32_t head, Visit visit) const {
    for (; head != kNone; head = lines_[head].next)
      for (std::uint32_t i = 0; i < lines_[head].count; ++i)
        visit(std::int64_t{lines_[head].steps[i]}, lines_[head].slots[i]);
  }
  // Every step of the block before has been taken.
  void lay_out(std::int64_t block) {
    block_ = block;
    std::uint32_t& head = far_[far_index(block)];
    while (head != kNone) {
      const Line line = lines_[head];
      drop_line(head);
      if (line.after != kNone) fetch(lines_[line.after]);
      for (std::uint32_t i = 0; i < line.count; ++i)
        add_to(near_[line.steps[i]], line.steps[i], line.slots[i]);
    }
  }
  // Frees the first line of a bucket.
  void drop_line(std::uint32_t& head) {
    free_.push_back(head);
    head = lines_[head].next;
  }
  // A line with room, before the others of its bucket.
  std::uint32_t new_line(std::uint32_t next) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(lines_.size()));
      lines_.emplace_back();
    }
    const std::uint32_t line = free_.back();
    free_.pop_back();
    if (!free_.empty()) fetch(lines_[free_.back()]);
    lines_[line].next = next;
    lines_[line].after = next == kNone ? kNone : lines_[next].next;
    lines_[line].count = 0;
    return line;
  }
  // Both halves.
  static void fetch(const Line& line) {
    __builtin_prefetch(&line, 1);
    __builtin_prefetch(&line.slots.back(), 1);
  }

  std::int64_t block_ = 0;
  std::array<std::uint32_t, kBlock> near_{};  // by step of the block
  std::vector<std::uint32_t> far_;            // by block
  std::vector<Line> lines_;
  std::vector<std::uint32_t> free_;  // lines; the last one freed is used first: it is in the cache
};

}  // namespace tideline::fleet
