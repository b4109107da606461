// Does the heap keep its contract? Against std::priority_queue, on keys from our own Philox.
#include "sim/engine/heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/time.h"

namespace tideline::engine {
namespace {

struct EventKey {
  Instant at;
  std::uint64_t sequence = 0;
  auto operator<=>(const EventKey&) const = default;
};

using Heap = QuadHeap<EventKey, std::uint32_t>;

std::uint32_t draw(std::uint64_t n) { return RandomStream(7, 0, Purpose::kArrival).block(n)[0]; }

std::vector<std::uint32_t> drain(QuadHeap<std::uint32_t, int>& heap) {
  std::vector<std::uint32_t> keys;
  while (!heap.empty()) keys.push_back(heap.pop().key);
  return keys;
}

TEST_CASE("entries leave in the order of their keys, for every size up to four levels") {
  for (std::uint64_t size = 0; size <= 90; ++size) {
    QuadHeap<std::uint32_t, int> heap;
    std::vector<std::uint32_t> expected;
    for (std::uint64_t i = 0; i < size; ++i) {
      expected.push_back(draw(1000 * size + i) % 50);  // with repeats
      heap.push(expected.back(), 0);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(drain(heap) == expected);
  }
}

TEST_CASE("pushes in rising, falling and equal order all come out sorted") {
  for (int slope : {1, -1, 0}) {
    QuadHeap<std::uint32_t, int> heap;
    for (int i = 0; i < 1000; ++i) heap.push(static_cast<std::uint32_t>(5000 + slope * i), i);
    const std::vector<std::uint32_t> keys = drain(heap);
    CHECK(keys.size() == 1000);
    CHECK(std::is_sorted(keys.begin(), keys.end()));
  }
}

TEST_CASE("a long mix of pushes and pops gives what std::priority_queue gives, entry by entry") {
  Heap heap;
  std::priority_queue<std::pair<EventKey, std::uint32_t>, std::vector<std::pair<EventKey, std::uint32_t>>,
                      std::greater<>>
      reference;
  int differences = 0;
  for (std::uint64_t n = 0; n < 200'000; ++n) {
    const std::uint32_t bits = draw(n);
    const bool growing = (n / 20'000) % 2 == 0;  // ten tides of 20,000 operations
    if (reference.empty() || bits % 8 < (growing ? 6u : 2u)) {
      const EventKey key{Instant{(bits >> 3) % 4096}, n};  // few instants, so that many tie
      heap.push(key, bits);
      reference.push({key, bits});
    } else {
      const Heap::Entry entry = heap.pop();
      differences += entry.key != reference.top().first || entry.value != reference.top().second;
      reference.pop();
    }
    differences += heap.size() != reference.size();
    if (!reference.empty()) differences += heap.top().key != reference.top().first;
  }
  CHECK(differences == 0);
}

TEST_CASE("the order of pops does not depend on the order of pushes") {
  std::vector<std::uint32_t> forward, backward;
  Heap a, b;
  for (std::uint64_t i = 0; i < 5000; ++i) a.push({Instant{draw(i) % 16}, i}, static_cast<std::uint32_t>(i));
  for (std::uint64_t i = 5000; i-- > 0;) b.push({Instant{draw(i) % 16}, i}, static_cast<std::uint32_t>(i));
  while (!a.empty()) forward.push_back(a.pop().value);
  while (!b.empty()) backward.push_back(b.pop().value);
  CHECK(forward == backward);
}

TEST_CASE("within what is reserved no entry moves to new memory") {
  QuadHeap<std::uint32_t, int> heap;
  heap.reserve(1000);
  heap.push(0, 0);
  const void* const home = &heap.top();
  for (std::uint32_t i = 1; i < 1000; ++i) heap.push(i, 0);
  CHECK(&heap.top() == home);
  heap.clear();
  heap.push(1, 0);
  CHECK(&heap.top() == home);
}

TEST_CASE("values that can only be moved pass through, and a heap of one can be emptied and filled again") {
  QuadHeap<int, std::unique_ptr<int>> heap;
  for (int round = 0; round < 2; ++round) {
    heap.push(2, std::make_unique<int>(20));
    CHECK(*heap.pop().value == 20);
    CHECK(heap.empty());
  }
  heap.push(3, std::make_unique<int>(30));
  heap.push(1, std::make_unique<int>(10));
  CHECK(*heap.pop().value == 10);
  CHECK(*heap.pop().value == 30);
}

}  // namespace
}  // namespace tideline::engine
