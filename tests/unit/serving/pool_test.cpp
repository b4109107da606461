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

}  // namespace
}  // namespace tideline::serving
