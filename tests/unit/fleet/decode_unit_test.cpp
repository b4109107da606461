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

}  // namespace
}  // namespace tideline::fleet
