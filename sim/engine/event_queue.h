// The event queue of a simulation that knows what its events are: pending events in a total order of
// (instant, phase, sequence). The phase decides between events of one instant and is the simulation's own
// enum, with a reason a line; the sequence is the order of scheduling.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/base/check.h"
#include "sim/base/time.h"
#include "sim/engine/heap.h"

namespace tideline::engine {

template <class Phase, class Event>
class EventQueue {
 public:
  // REQUIRES: `at` is not before the instant of the last event taken.
  void schedule(Instant at, Phase phase, Event event) {
    CHECK(at >= now_, "an event at {} ns cannot be scheduled at {} ns", at.ns, now_.ns);
    heap_.push({at.ns, static_cast<std::uint64_t>(phase) << kSequenceBits | sequence_++}, event);
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Instant next_instant() const { return {heap_.top().key.ns}; }
  [[nodiscard]] Phase next_phase() const {
    return static_cast<Phase>(heap_.top().key.phase_and_sequence >> kSequenceBits);
  }
  // Takes the earliest event; now() becomes its instant.
  Event take() {
    const auto entry = heap_.pop();
    now_ = {entry.key.ns};
    return entry.value;
  }
  // Moves now() on to the instant of something that does not pass through the queue (a stream of arrivals).
  void advance(Instant to) {
    CHECK(to >= now_ && (empty() || to <= next_instant()), "cannot advance from {} to {} ns", now_.ns, to.ns);
    now_ = to;
  }
  void start_at(Instant start) { now_ = start; }
  [[nodiscard]] Instant now() const { return now_; }

 private:
  static constexpr int kSequenceBits = 56;
  struct Key {
    std::int64_t ns;
    std::uint64_t phase_and_sequence;
    auto operator<=>(const Key&) const = default;
  };
  QuadHeap<Key, Event> heap_;
  std::uint64_t sequence_ = 0;
  Instant now_{};
};

}  // namespace tideline::engine
