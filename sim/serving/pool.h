// The requests that are in a stage of the fleet now, in one flat array reused through a list of free slots:
// memory follows the number in flight, never the length of the day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/growing_array.h"

namespace tideline::serving {

using Slot = std::uint32_t;

template <class Record>
class Pool {
 public:
  // A record made of `parts` in place.
  template <class... Parts>
  Slot add(const Parts&... parts) {
    if (free_.empty()) grow();
    const Slot slot = free_.back();
    free_.pop_back();
    std::construct_at(&records_[slot], parts...);
    if (free_.size() >= kAhead) __builtin_prefetch(&records_[free_[free_.size() - kAhead]], 1);
    return slot;
  }
  void remove(Slot slot) { free_.push_back(slot); }
  Record& operator[](Slot slot) { return records_[slot]; }
  const Record& operator[](Slot slot) const { return records_[slot]; }
  // Begins to fetch a record from memory: asked for a while before the record itself.
  void prefetch(Slot slot) const { __builtin_prefetch(&records_[slot]); }
  [[nodiscard]] std::size_t size() const { return records_.size() - free_.size(); }

 private:
  // Free slots that are fetched from memory before their turn. Decides cost alone.
  static constexpr std::size_t kAhead = 4;

  void grow() {
    CHECK(records_.size() < std::numeric_limits<Slot>::max(), "more requests in flight than slots");
    records_.add();
    free_.push_back(static_cast<Slot>(records_.size() - 1));
  }

  GrowingArray<Record> records_;
  std::vector<Slot> free_;  // the last one freed is used first: it is in the cache
};

}  // namespace tideline::serving
