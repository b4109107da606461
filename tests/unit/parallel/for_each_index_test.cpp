#include "sim/parallel/for_each_index.h"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tideline::parallel {
namespace {

TEST_CASE("every index is worked on once, on any number of threads") {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> hits(1000);
    for_each_index(hits.size(), threads, [&](std::size_t i) { ++hits[i]; });
    for (const auto& h : hits) CHECK(h == 1);
  }
}

TEST_CASE("one thread takes them in order") {
  std::vector<std::size_t> order;
  for_each_index(4, 1, [&](std::size_t i) { order.push_back(i); });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("two work side by side: each waits for the other") {
  std::atomic<int> arrived{0};
  for_each_index(2, 2, [&](std::size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  CHECK(arrived == 2);
}

TEST_CASE("who is done helps in what another began at its work") {
  const auto caller = std::this_thread::get_id();
  std::atomic<int> begun{0}, inside{0};
  for_each_index(2, 2, [&](std::size_t) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
    if (std::this_thread::get_id() == caller) return;
    // On this thread alone it would wait for ever.
    for_each_index(2, 2, [&](std::size_t) {
      ++inside;
      while (inside < 2) std::this_thread::yield();
    });
  });
  CHECK(inside == 2);
}

TEST_CASE("what one of them throws is thrown on") {
  for (const int threads : {1, 3})
    CHECK_THROWS_AS(for_each_index(100, threads,
                                   [](std::size_t i) {
                                     if (i == 50) throw std::runtime_error("no");
                                   }),
                    std::runtime_error);
}

}  // namespace
}  // namespace tideline::parallel
