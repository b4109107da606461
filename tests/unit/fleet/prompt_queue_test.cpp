#include "sim/fleet/prompt_queue.h"

#include <algorithm>
#include <vector>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::fleet {
namespace {

using serving::Slot;

// What the queue stands for: all that wait, walked from the front.
struct Plain {
  struct Waiting {
    Slot slot;
    Instant read;
  };
  std::vector<Waiting> waiting;

  std::vector<Slot> take(Instant now, std::size_t most) {
    std::vector<Slot> taken;
    std::erase_if(waiting, [&](const Waiting& w) {
      if (w.read > now || taken.size() == most) return false;
      taken.push_back(w.slot);
      return true;
    });
    return taken;
  }
  [[nodiscard]] Instant first_read() const { return std::ranges::min(waiting, {}, &Waiting::read).read; }
  [[nodiscard]] std::vector<Slot> slots() const {
    std::vector<Slot> slots;
    for (const Waiting& w : waiting) slots.push_back(w.slot);
    return slots;
  }
};

// So many at most, and the next one is refused.
std::vector<Slot> take(PromptQueue& queue, Instant now, const PromptPool& pool, std::size_t most) {
  std::vector<Slot> taken;
  queue.serve(now, pool, [&](Slot slot) {
    if (taken.size() == most) return false;
    taken.push_back(slot);
    return true;
  });
  return taken;
}

TEST_CASE("a prompt whose prefix is being read lets those behind it go first, then takes its place again") {
  PromptPool pool;
  std::vector<Slot> slots;
  for (int i = 0; i < 4; ++i) slots.push_back(pool.add());
  PromptQueue queue;
  for (const Slot slot : slots) queue.push(slot, Instant{slot == slots[0] ? 10 : 0});
  CHECK(take(queue, Instant{0}, pool, 1) == std::vector{slots[1]});
  CHECK(take(queue, Instant{9}, pool, 1) == std::vector{slots[2]});
  CHECK(take(queue, Instant{10}, pool, 4) == std::vector{slots[0], slots[3]});
  CHECK(queue.size() == 0);
}

TEST_CASE("prompts are served as by a walk from the front past all whose prefix is being read") {
  const RandomStream words(5, 0, Purpose::kRequest);
  PromptPool pool;
  PromptQueue queue;
  Plain plain;
  for (std::int64_t t = 0; t < 20'000; ++t) {
    const Instant now{t};
    const PhiloxBlock w = words.block(static_cast<std::uint64_t>(t));
    // Storage is fast and slow in turns, so that few and many are being read.
    const std::int64_t reading_max = t / 1000 % 2 == 0 ? 10 : 1000;
    for (std::uint32_t i = 0; i < w[0] % 3; ++i) {
      const std::uint32_t word = words.block(static_cast<std::uint64_t>(t), i + 1)[0];
      const Instant read{t + (word % 4 == 0 ? 0 : word % reading_max)};
      const Slot slot = pool.add();
      queue.push(slot, read);
      plain.waiting.push_back({slot, read});
    }
    const std::vector<Slot> taken = take(queue, now, pool, w[1] % 4);
    REQUIRE(taken == plain.take(now, w[1] % 4));
    for (const Slot slot : taken) pool.remove(slot);
    REQUIRE(queue.size() == plain.waiting.size());
    if (queue.size() > 0) {
      const Instant first = plain.first_read();
      REQUIRE((first <= now ? queue.next_read() <= now : queue.next_read() == first));
    }
    if (w[2] % 1000 == 0) {
      std::vector<Slot> seen, left;
      queue.for_each([&](Slot slot) { seen.push_back(slot); });
      queue.take_all(left);
      REQUIRE(left == plain.slots());
      std::ranges::sort(seen), std::ranges::sort(left);
      REQUIRE(seen == left);
      REQUIRE(queue.size() == 0);
      plain.waiting.clear();
    }
  }
}

}  // namespace
}  // namespace tideline::fleet
