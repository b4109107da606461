#include "sim/fleet/step_ring.h"

#include <algorithm>
#include <map>
#include <vector>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::fleet {
namespace {

using serving::Slot;

// What the ring stands for: the requests of each step.
struct Plain {
  std::map<std::int64_t, std::vector<Slot>> of_step;
  std::vector<Slot> take(std::int64_t step) {
    std::vector<Slot> slots = of_step[step];
    of_step.erase(step);
    std::ranges::sort(slots);
    return slots;
  }
};

std::vector<Slot> sorted(std::vector<Slot> slots) {
  std::ranges::sort(slots);
  return slots;
}

TEST_CASE("a ring gives back at each step the requests that end there, near or far, less those taken out") {
  const RandomStream words(3, 0, Purpose::kRequest);
  StepRing ring;
  Plain plain;
  Slot next = 0;
  for (std::int64_t step = 0; step < 3000; ++step) {
    const PhiloxBlock w = words.block(static_cast<std::uint64_t>(step));
    for (std::uint32_t i = 0; i < w[0] % 5; ++i) {
      // Some within the block, most a few blocks away, some nearly a whole ring.
      const std::uint32_t word = words.block(static_cast<std::uint64_t>(step), i + 1)[0];
      const std::int64_t reach = word % 3 == 0 ? 100 : word % 3 == 1 ? 1000 : StepRing::kSteps - 1;
      const std::int64_t ahead = 1 + (word >> 2) % reach;
      ring.add(step, ahead, next);
      plain.of_step[step + ahead].push_back(next++);
    }
    if (w[1] % 4 == 0 && !plain.of_step.empty()) {
      auto at = plain.of_step.begin();
      std::advance(at, w[2] % plain.of_step.size());
      ring.remove(at->first, at->second.back());
      at->second.pop_back();
      if (at->second.empty()) plain.of_step.erase(at);
    }
    std::vector<Slot> seen, taken{12345};
    if (w[3] % 2 == 0) {
      ring.next(step + 1, [&](Slot slot) { seen.push_back(slot); });
      CHECK(sorted(seen) == sorted(plain.of_step[step + 1]));
    }
    ring.take(step + 1, taken);
    CHECK(taken.front() == 12345);
    taken.erase(taken.begin());
    REQUIRE(sorted(taken) == plain.take(step + 1));
  }
  std::vector<std::pair<std::int64_t, Slot>> left, wanted;
  ring.for_each(3000, [&](std::int64_t ahead, Slot slot) { left.emplace_back(ahead, slot); });
  for (const auto& [step, slots] : plain.of_step)
    for (const Slot slot : slots) wanted.emplace_back(step - 3000, slot);
  std::ranges::sort(left), std::ranges::sort(wanted);
  CHECK(left == wanted);
  ring.clear();
  ring.for_each(3000, [&](std::int64_t, Slot) { FAIL("nothing is left"); });
}

}  // namespace
}  // namespace tideline::fleet
