// A priority queue as an implicit 4-ary heap: the earliest entry is at hand, push and pop are logarithmic,
// and nothing is allocated once reserve() has covered the largest size. It is the engine's event queue: four
// children lie side by side and halve the depth of a binary heap, which a queue of 100,000 events feels
// (LaMarca and Ladner, "The influence of caches on the performance of heaps", JEA 1996).
//
// Invariants:
//  1. No entry's key is less than its parent's: the parent of place i > 0 is (i - 1) / 4.
//  2. Keys are totally ordered (strong ordering: no doubles). If no two keys in the heap are equal, the order
//     of pops is a function of the keys alone, whatever the order of the pushes; equal keys leave in any
//     order, so an event key ends in a sequence number.
//  3. Between reserve(n) and the first moment with more than n entries nothing is allocated.
#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace tideline::engine {

template <class Key, class T>
class QuadHeap {
  static_assert(std::three_way_comparable<Key, std::strong_ordering>, "keys of a heap are totally ordered");
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>);
  static_assert(std::is_trivially_copyable_v<Key>);

 public:
  struct Entry {
    Key key;
    T value;
  };

  void reserve(std::size_t entries) { entries_.reserve(entries); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }  // keeps the memory
  // All, in no order but that the least is first.
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }

  // The entry with the least key. O(1). REQUIRES: not empty.
  [[nodiscard]] const Entry& top() const { return entries_.front(); }

  // O(log4 n) at worst, O(1) on average for keys in random order.
  void push(Key key, T value) {
    entries_.push_back({key, std::move(value)});
    if (entries_.size() > 1) raise(entries_.size() - 1);
  }

  // Removes the entry with the least key and returns it. O(log4 n), three comparisons a level.
  // REQUIRES: not empty.
  Entry pop() {
    Entry least = std::move(entries_.front());
    const std::size_t last = entries_.size() - 1;
    const std::size_t hole = sink_hole(last);
    if (hole != last) entries_[hole] = std::move(entries_[last]);
    entries_.pop_back();
    if (hole != last) raise(hole);
    return least;
  }

 private:
  static constexpr std::size_t kArity = 4;

  // Moves the hole at the root down to a leaf among the first `end` entries, always to the least child, and
  // returns where it rests. The last entry then rises from there: it came from a leaf and seldom rises far.
  std::size_t sink_hole(std::size_t end) {
    Entry* const e = entries_.data();
    std::size_t hole = 0;
    for (;;) {
      const std::size_t c = kArity * hole + 1;
      if (c + kArity > end) return sink_into_partial(hole, c, end);
      // Arithmetic, not branches: which child is least is a coin toss that no processor predicts.
      const std::size_t a = c + static_cast<std::size_t>(e[c + 1].key < e[c].key);
      const std::size_t b = c + 2 + static_cast<std::size_t>(e[c + 3].key < e[c + 2].key);
      const std::size_t least = a + (b - a) * static_cast<std::size_t>(e[b].key < e[a].key);
      e[hole] = std::move(e[least]);
      hole = least;
    }
  }

  // The last level: between none and three children, from place c on.
  std::size_t sink_into_partial(std::size_t hole, std::size_t c, std::size_t end) {
    if (c >= end) return end == 0 ? 0 : hole;
    std::size_t least = c;
    for (std::size_t i = c + 1; i < end; ++i)
      if (entries_[i].key < entries_[least].key) least = i;
    entries_[hole] = std::move(entries_[least]);
    return least;
  }

  // Lets the entry at `place` rise until its parent's key is not greater.
  void raise(std::size_t place) {
    Entry* const e = entries_.data();
    Entry rising = std::move(e[place]);
    while (place > 0) {
      const std::size_t parent = (place - 1) / kArity;
      if (!(rising.key < e[parent].key)) break;
      e[place] = std::move(e[parent]);
      place = parent;
    }
    e[place] = std::move(rising);
  }

  std::vector<Entry> entries_;
};

}  // namespace tideline::engine
