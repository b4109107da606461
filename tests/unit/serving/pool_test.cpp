#include "sim/serving/pool.h"

#include "tests/doctest.h"

namespace tideline::serving {
namespace {

struct Record {
  std::uint64_t id = 0;
};

TEST_CASE("slots are used again, so that memory follows the number in flight") {
  Pool<Record> pool;
  const Slot first = pool.add(0U), second = pool.add(1U);
  for (std::uint64_t id = 2; id < 1000; ++id) {
    pool.remove(second);
    CHECK(pool.add(id) == second);
    CHECK(pool.size() == 2);
  }
  CHECK(pool[first].id == 0);
  CHECK(pool[second].id == 999);
}

TEST_CASE("records stay what they are while their memory grows and moves") {
  struct alignas(64) Line {
    std::uint64_t id = 0;
  };
  Pool<Line> pool;
  for (std::uint64_t id = 0; id < 300'000; ++id) REQUIRE(pool.add(id) == id);  // 18 MiB
  std::uint64_t wrong = 0;
  for (Slot slot = 0; slot < 300'000; ++slot) wrong += pool[slot].id != slot;
  CHECK(wrong == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(&pool[7]) % alignof(Line) == 0);
}

}  // namespace
}  // namespace tideline::serving
