#include "sim/serving/answer.h"

#include "tests/doctest.h"

namespace tideline::serving {
namespace {

constexpr std::uint64_t kLastId = (std::uint64_t{1} << kIdBits) - 1, kLastGpu = 4095;  // of a unit

workload::Arrival arrival(std::uint64_t id) {
  return {Instant{7}, id, 1, {100, 40, 9}};
}

constexpr Instant kFirstToken{50};

TEST_CASE("an answer keeps what it was told, to the greatest numbers that are read") {
  const Instant early{-9600 * kNsPerHour}, late{9600 * kNsPerHour};
  for (const Instant at : {early, Instant{}, late}) {
    Answer a({at, kLastId, 254, {1 << 24, (1 << 24) - 1, 65536}}, at + Answer::kWaitMost);
    a.set_rank(kLastGpu);
    a.set_steps(65535);
    CHECK(a.arrival() == at);
    CHECK(a.id() == kLastId);
    CHECK(a.request_class() == 254);
    CHECK(a.input() == 1 << 24);
    CHECK(a.cached() == (1 << 24) - 1);
    CHECK(a.output() == 65536);
    CHECK(a.tokens() == (1 << 24) + 65536);
    CHECK(a.rank() == kLastGpu);
    CHECK(a.steps() == 65535);
    CHECK_FALSE(a.begun());
  }
}

TEST_CASE("an answer brings its prompt as cache, and came with its first token") {
  AnswerPool pool;
  const Slot slot = pool.add(arrival(3), kFirstToken);
  CHECK(pool.kv(slot) == 100.0);
  CHECK(pool.made(slot) == 0);
  CHECK(pool.came(slot) == kFirstToken);
}

TEST_CASE("its first token is known however long it waited, and whatever befell it since") {
  for (const Duration wait : {Duration{43}, Answer::kWaitMost, Answer::kWaitMost + Duration{1},
                              Duration{400 * 24 * kNsPerHour}}) {
    AnswerPool pool;
    const Instant first_token = Instant{7} + wait;
    const Slot slot = pool.add(arrival(3), first_token);
    CHECK(pool.first_token(slot) == first_token);
    CHECK(pool.came(slot) == first_token);
    CHECK(pool.kv(slot) == 100.0);
    CHECK(pool.made(slot) == 0);
    pool.came_again(slot, 5, first_token + Duration{1});
    CHECK(pool.first_token(slot) == first_token);
    pool.set_kv(slot, 106.5);
    CHECK(pool.first_token(slot) == first_token);
  }
}

TEST_CASE("one that was lost brings what it had made too, and what it made elsewhere in parts of a token") {
  AnswerPool pool;
  const Slot slot = pool.add(arrival(3), kFirstToken), other = pool.add(arrival(4), kFirstToken);
  pool.came_again(slot, 5, Instant{90});
  CHECK(pool.kv(slot) == 105.0);
  pool.set_kv(slot, 106.5);
  CHECK(pool.kv(slot) == 106.5);
  CHECK(pool.made(slot) == 5);
  CHECK(pool.came(slot) == Instant{90});
  pool.set_kv(other, 101.25);
  CHECK(pool.kv(other) == 101.25);
  CHECK(pool.made(other) == 0);
  CHECK(pool.came(other) == kFirstToken);
}

TEST_CASE("what an answer had before does not show in the next one of its slot") {
  AnswerPool pool;
  const Slot slot = pool.add(arrival(0), kFirstToken);
  pool[slot].set_steps(5);
  pool.came_again(slot, 5, Instant{90});
  pool.remove(slot);
  REQUIRE(pool.add(arrival(1), kFirstToken) == slot);
  CHECK(pool.kv(slot) == 100.0);
  CHECK(pool.came(slot) == kFirstToken);
  CHECK(pool[slot].steps() == 0);
}

}  // namespace
}  // namespace tideline::serving
