#include "sim/fleet/decode_unit.h"

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
  REQUIRE(unit.start_step({}, pool, duration));
  REQUIRE(unit.end_step(pool).empty());

  std::vector<std::uint64_t> ids, wanted;
  for (const serving::Slot slot : unit.take_all(pool)) ids.push_back(pool[slot].id());
  for (std::uint64_t id = 0; id < 60; id += 3) wanted.push_back(id);
  for (std::uint64_t id = 0; id < 60; ++id)
    if (id % 3 != 0) wanted.push_back(id);
  CHECK(ids == wanted);
}

TEST_CASE("the youngest on a full rank goes, however many are younger on the others") {
  testing::SmallFleet small(2);
  small.decode_room(20'110);
  small.fleet.decode.admission = {policy::Admission::kPromptOnly, 0.0};
  small.fleet.decode.request_weight = 0.0;  // a rank is as loaded as its cache is large
  TenMilliseconds times;
  const Answers answers(small.fleet.decode, small.classes, small.settings);
  DecodeUnit unit(small.fleet.decode, answers, times, RandomStream(1, 0, Purpose::kDecodeBalancer), 0);
  serving::AnswerPool pool;
  Seconds duration;
  std::uint64_t id = 0;
  const auto come = [&](std::int32_t input) {
    const serving::Slot slot = pool.add({Instant{}, id++, 0, {input, 0, 100}}, Instant{});
    pool[slot].set_steps(99);
    REQUIRE(unit.book(slot, pool));
    unit.expect(slot, {});
    return slot;
  };
  const auto step = [&] {
    REQUIRE(unit.start_step({}, pool, duration));
    REQUIRE(unit.end_step(pool).empty());
  };
  const serving::Slot oldest = come(100);
  come(200);
  step();
  const serving::Slot large = come(20'000);
  REQUIRE(pool[large].rank() == pool[oldest].rank());
  step();
  for (int i = 0; i < 3'000; ++i) REQUIRE(pool[come(1)].rank() != pool[oldest].rank());

  // Two tokens a step on the one, 3,001 on the other.
  for (int steps = 0; steps < 4 && unit.preempted().empty(); ++steps) step();
  CHECK(unit.preempted() == std::vector<serving::Slot>{large});
  unit.check_books(pool);
}

TEST_CASE(
    "the youngest on a full rank is found though many younger ones of another were listed and have left") {
  testing::SmallFleet small(2);
  small.decode_room(10'300);
  small.fleet.decode.admission = {policy::Admission::kPromptOnly, 0.0};
  small.fleet.decode.request_weight = 0.0;  // a rank is as loaded as its cache is large
  TenMilliseconds times;
  const Answers answers(small.fleet.decode, small.classes, small.settings);
  DecodeUnit unit(small.fleet.decode, answers, times, RandomStream(1, 0, Purpose::kDecodeBalancer), 0);
  serving::AnswerPool pool;
  Seconds duration;
  std::uint64_t id = 0;
  const auto come = [&](std::int32_t input, std::int32_t steps) {
    const serving::Slot slot = pool.add({Instant{}, id++, 0, {input, 0, steps + 1}}, Instant{});
    pool[slot].set_steps(steps);
    REQUIRE(unit.book(slot, pool));
    unit.expect(slot, {});
    return slot;
  };
  const auto step = [&] {
    REQUIRE(unit.start_step({}, pool, duration));
    unit.end_step(pool);
  };
  const serving::Slot oldest = come(100, 1000);
  come(200, 1000);
  step();
  const serving::Slot large = come(10'000, 1000);
  REQUIRE(pool[large].rank() == pool[oldest].rank());
  step();
  for (int i = 0; i < 1'400; ++i) REQUIRE(pool[come(6, 3)].rank() != pool[oldest].rank());
  std::size_t taken_off = 0;  // of the other rank: now the youngest are listed, without the oldest
  while (unit.active() != 3 || taken_off == 0) step(), taken_off += unit.preempted().size();

  do step();
  while (unit.preempted().empty());
  CHECK(unit.preempted() == std::vector<serving::Slot>{large});
  unit.check_books(pool);
}

}  // namespace
}  // namespace tideline::fleet
