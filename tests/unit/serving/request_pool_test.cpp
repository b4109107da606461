#include "sim/serving/request_pool.h"

#include "tests/doctest.h"

namespace tideline::serving {
namespace {

workload::Arrival arrival(std::uint64_t id) { return {Instant{7}, id, 0, {100, 40, 9}}; }

TEST_CASE("a request brings its whole prompt as cache and computes what is not cached") {
  RequestPool pool;
  const Slot slot = pool.add(arrival(3));
  CHECK(pool[slot].id == 3);
  CHECK(pool[slot].kv_base == 100.0);
  CHECK(pool[slot].to_compute() == 60);
}

TEST_CASE("slots are used again, so that memory follows the number in flight") {
  RequestPool pool;
  const Slot first = pool.add(arrival(0)), second = pool.add(arrival(1));
  for (std::uint64_t id = 2; id < 1000; ++id) {
    pool.remove(second);
    CHECK(pool.add(arrival(id)) == second);
    CHECK(pool.size() == 2);
  }
  CHECK(pool[first].id == 0);
  CHECK(pool[second].id == 999);
}

TEST_CASE("what a request held before does not show in the next one of its slot") {
  RequestPool pool;
  const Slot slot = pool.add(arrival(0));
  pool[slot].computed = 60, pool[slot].steps_left = 5, pool[slot].kv_rate = 1.5;
  pool.remove(slot);
  REQUIRE(pool.add(arrival(1)) == slot);
  CHECK(pool[slot].to_compute() == 60);
  CHECK(pool[slot].kv_at_end() == 100.0);
}

}  // namespace
}  // namespace tideline::serving
