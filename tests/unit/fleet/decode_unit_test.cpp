#include "sim/fleet/decode_unit.h"

#include <cstdint>
#include <vector>

#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline::fleet {
namespace {

struct TenMilliseconds : step::StepTimes {
  Seconds decode_step(const step::DecodeRanks& /*ranks*/, step::StepId /*id*/) override {
    return Seconds(10e-3);
  }
  Seconds prefill_pass(const step::PrefillRanks& /*ranks*/, step::StepId /*id*/) override {
    return Seconds(10e-3);
  }
  [[nodiscard]] step::PrefillWeights prefill_weights() const override { return {}; }
};

TEST_CASE(
    "a unit that leaves hands its answers on as they end, of those that end together the oldest first") {
  const testing::SmallFleet small;
  TenMilliseconds times;
  const Answers answers(small.fleet.decode, small.classes, small.settings);
  DecodeUnit unit(small.fleet.decode, answers, times, RandomStream(1, 0, Purpose::kDecodeBalancer), 0);
  serving::AnswerPool pool;
  // The youngest come first, and every third ends a step earlier.
  for (std::uint64_t id = 60; id-- > 0;) {
    const serving::Slot slot = pool.add({Instant{}, id, 0, {10, 0, 100}}, Instant{});
    pool[slot].set_steps(id % 3 == 0 ? 98 : 99);
    REQUIRE(unit.book(slot, pool));
    unit.expect(slot, {});
  }
  Seconds duration;
  StepLists lists;
  REQUIRE(unit.start_step({}, pool, lists, duration));
  unit.end_step(pool, lists);
  REQUIRE(lists.finished.empty());

  std::vector<std::uint64_t> ids, wanted;
  for (const serving::Slot slot : unit.take_all(pool)) ids.push_back(pool[slot].id());
  for (std::uint64_t id = 0; id < 60; id += 3) wanted.push_back(id);
  for (std::uint64_t id = 0; id < 60; ++id)
    if (id % 3 != 0) wanted.push_back(id);
  CHECK(ids == wanted);
}

// Two ranks of so many cached tokens, which let in whatever fits now; a rank is as loaded as its cache is
// large.
struct TwoRanks {
  explicit TwoRanks(double room)
      : small(2), decode(settings(small, room)), answers(decode, small.classes, small.settings) {}

  serving::Slot come(std::int32_t input, std::int32_t steps) {
    const serving::Slot slot = pool.add({Instant{}, id++, 0, {input, 0, steps + 1}}, Instant{});
    pool[slot].set_steps(steps);
    REQUIRE(unit.book(slot, pool));
    unit.expect(slot, {});
    return slot;
  }
  // On one rank the oldest and, a step later, a large one; on the other one of 200 tokens. Each stays for so
  // many steps. Returns the large one.
  serving::Slot large_beside_oldest(std::int32_t input, std::int32_t steps) {
    oldest = come(100, steps);
    come(200, steps);
    step();
    const serving::Slot large = come(input, steps);
    REQUIRE(rank(large) == rank(oldest));
    step();
    return large;
  }
  void crowd_the_other(int many, std::int32_t input, std::int32_t steps) {
    for (int i = 0; i < many; ++i) REQUIRE(rank(come(input, steps)) != rank(oldest));
  }
  void step() {
    REQUIRE(unit.start_step({}, pool, lists, duration));
    unit.end_step(pool, lists);
  }
  std::uint16_t rank(serving::Slot slot) const { return pool[slot].rank(); }

  static DecodeSettings settings(testing::SmallFleet& small, double room) {
    small.decode_room(room);
    small.fleet.decode.admission = {policy::Admission::kPromptOnly, 0.0};
    small.fleet.decode.request_weight = 0.0;
    return small.fleet.decode;
  }
  testing::SmallFleet small;
  DecodeSettings decode;
  TenMilliseconds times;
  Answers answers;
  DecodeUnit unit{decode, answers, times, RandomStream(1, 0, Purpose::kDecodeBalancer), 0};
  serving::AnswerPool pool;
  StepLists lists;
  Seconds duration;
  std::uint64_t id = 0;
  serving::Slot oldest = 0;
};

TEST_CASE("the youngest on a full rank goes, however many are younger on the others") {
  TwoRanks two(20'110);
  const serving::Slot large = two.large_beside_oldest(20'000, 99);
  two.crowd_the_other(3'000, 1, 99);

  // Two tokens a step on the one, 3,001 on the other.
  for (int steps = 0; steps < 4 && two.lists.preempted.empty(); ++steps) two.step();
  CHECK(two.lists.preempted == std::vector<serving::Slot>{large});
  two.unit.check_books(two.pool);
}

TEST_CASE(
    "the youngest on a full rank is found though many younger ones of another were listed and have left") {
  TwoRanks two(10'300);
  const serving::Slot large = two.large_beside_oldest(10'000, 1000);
  two.crowd_the_other(1'400, 6, 3);
  std::size_t taken_off = 0;  // of the other rank: now the youngest are listed, without the oldest
  while (two.unit.active() != 3 || taken_off == 0) two.step(), taken_off += two.lists.preempted.size();

  do two.step();
  while (two.lists.preempted.empty());
  CHECK(two.lists.preempted == std::vector<serving::Slot>{large});
  two.unit.check_books(two.pool);
}

}  // namespace
}  // namespace tideline::fleet
