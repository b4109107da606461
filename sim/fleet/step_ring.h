// Which requests end at which coming step of a decode unit: a ring of buckets keyed by step. A bucket is a
// chain of cache lines, each with many requests, so that emptying it waits for memory once a line and not
// once a request.
//
// Lines are reused through a free list: memory follows the number of requests, never the number of steps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/huge_pages.h"
#include "sim/serving/request_pool.h"

namespace tideline::fleet {

class StepRing {
 public:
  // Steps ahead that the ring covers: more than the longest answer has tokens.
  static constexpr std::int64_t kSteps = std::int64_t{1} << 17;

  // REQUIRES: 0 < ahead < kSteps, counted from `now`.
  void add(std::int64_t now, std::int64_t ahead, serving::Slot slot) {
    CHECK(ahead > 0 && ahead < kSteps, "{} steps ahead", ahead);
    std::uint32_t& head = bucket(now + ahead);
    if (head == kNone || lines_[head].count == kPerLine) head = new_line(head);
    Line& line = lines_[head];
    line.slots[line.count++] = slot;
  }
  // Begins to fetch the line that add() will write to.
  void prefetch(std::int64_t step) const {
    const std::uint32_t head = heads_[index(step)];
    if (head != kNone) __builtin_prefetch(&lines_[head]);
  }
  // Moves the requests of a step to the end of `slots`: last added, last line first.
  void take(std::int64_t step, std::vector<serving::Slot>& slots) {
    std::uint32_t& head = bucket(step);
    while (head != kNone) {
      Line& line = lines_[head];
      slots.insert(slots.end(), line.slots.begin(), line.slots.begin() + line.count);
      drop_line(head);
    }
  }
  // Takes out one request. REQUIRES: it was added for that step. O(requests of the step).
  void remove(std::int64_t step, serving::Slot slot) {
    const std::uint32_t head = bucket(step);
    for (std::uint32_t at = head; at != kNone; at = lines_[at].next)
      for (std::uint32_t i = 0; i < lines_[at].count; ++i)
        if (lines_[at].slots[i] == slot) {
          Line& first = lines_[head];
          lines_[at].slots[i] = first.slots[--first.count];
          if (first.count == 0) drop_line(bucket(step));
          return;
        }
    CHECK(false, "request in slot {} does not end at step {}", slot, step);
  }
  // Calls visit(ahead, slot) for every request, in the order of their steps.
  template <class Visit>
  void for_each(std::int64_t now, Visit visit) const {
    for (std::int64_t ahead = 1; ahead < kSteps; ++ahead)
      for (std::uint32_t at = heads_[index(now + ahead)]; at != kNone; at = lines_[at].next)
        for (std::uint32_t i = 0; i < lines_[at].count; ++i) visit(ahead, lines_[at].slots[i]);
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffffu;
  static constexpr std::uint32_t kPerLine = 14;
  struct alignas(64) Line {
    std::uint32_t next, count;
    std::array<serving::Slot, kPerLine> slots;
  };

  static std::size_t index(std::int64_t step) { return static_cast<std::size_t>(step & (kSteps - 1)); }
  std::uint32_t& bucket(std::int64_t step) { return heads_[index(step)]; }
  // Frees the first line of a bucket.
  void drop_line(std::uint32_t& head) {
    const std::uint32_t line = head;
    head = lines_[line].next;
    lines_[line].next = free_;
    free_ = line;
  }
  // A line with room, before the others of its bucket.
  std::uint32_t new_line(std::uint32_t next) {
    if (free_ == kNone) {
      lines_.push_back({kNone, 0, {}});
      free_ = static_cast<std::uint32_t>(lines_.size() - 1);
    }
    const std::uint32_t line = free_;
    free_ = lines_[line].next;
    lines_[line].next = next;
    lines_[line].count = 0;
    return line;
  }

  template <class T>
  using Array = std::vector<T, HugePages<T>>;
  Array<std::uint32_t> heads_ = Array<std::uint32_t>(kSteps, kNone);
  Array<Line> lines_;
  std::uint32_t free_ = kNone;
};

}  // namespace tideline::fleet
