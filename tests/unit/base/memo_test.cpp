#include "sim/base/memo.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tideline {
namespace {

TEST_CASE("an answer is made once, however many threads ask") {
  Memo<int> memo(10);
  std::atomic<int> made{0};
  std::vector<std::jthread> threads;
  std::atomic<int> sum{0};
  for (int t = 0; t < 8; ++t) threads.emplace_back([&] { sum += *memo.get("key", [&] { return ++made; }); });
  threads.clear();
  CHECK(made == 1);
  CHECK(sum == 8);
}

TEST_CASE("the oldest is forgotten, the others stay") {
  Memo<int> memo(2);
  int made = 0;
  const auto ask = [&](const char* key) { return *memo.get(key, [&] { return ++made; }); };
  ask("a"), ask("b"), ask("c");
  CHECK(ask("b") == 2);
  CHECK(ask("c") == 3);
  CHECK(ask("a") == 4);
}

TEST_CASE("what cannot be made is tried again by the next") {
  Memo<int> memo(2);
  CHECK_THROWS_AS(memo.get("a", []() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  CHECK(*memo.get("a", [] { return 5; }) == 5);
}

TEST_CASE("what could not be made at first is no older for it") {
  Memo<int> memo(2);
  CHECK_THROWS_AS(memo.get("a", []() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  int made = 0;
  const auto ask = [&](const char* key) { return *memo.get(key, [&] { return ++made; }); };
  ask("a"), ask("b");
  CHECK(ask("a") == 1);
  CHECK(ask("b") == 2);
}

}  // namespace
}  // namespace tideline
