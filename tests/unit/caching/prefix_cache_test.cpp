// What does the prefix cache promise beside its answers (tests/twin/prefix_cache_test.cpp)? Memory, and what
// leaves first.
#include "sim/caching/prefix_cache.h"

#include "tests/doctest.h"

namespace tideline::caching {
namespace {

constexpr Instant kStart{0};

TEST_CASE("a chain hits up to its first missing block, whatever stands behind it") {
  PrefixCache cache(100);
  cache.use(std::vector<Extent>{{1}, {2}, {3}, {4}}, kStart);
  CHECK(cache.held(std::vector<Extent>{{1}, {2}, {9}, {4}}, kStart) == 2);
  CHECK(cache.held(std::vector<Extent>{{9}, {2}}, kStart) == 0);
  CHECK(cache.held({}, kStart) == 0);
}

TEST_CASE("a prompt longer than the cache keeps its beginning") {
  PrefixCache cache(5);
  const std::vector<Extent> chain = {{1, 3}, {2, 4}, {3, 1}};
  cache.use(chain, kStart);
  CHECK(cache.held(chain, kStart) == 5);
  CHECK(cache.extents() == 2);
  CHECK(cache.blocks() == 5);
}

TEST_CASE("blocks are gone when they have not been used for longer than the retention, and not before") {
  PrefixCache cache(100, Duration{60 * kNsPerSecond});
  const std::vector<Extent> chain = {{1, 10}};
  cache.use(chain, kStart);
  CHECK(cache.held(chain, Instant{60 * kNsPerSecond}) == 10);
  CHECK(cache.held(chain, Instant{60 * kNsPerSecond + 10'000'000}) == 0);
  CHECK(cache.blocks() == 0);
}

TEST_CASE("36 bytes an extent and what it has grown ahead; once full it allocates nothing") {
  constexpr std::uint64_t kCapacity = 200'000;
  PrefixCache cache(kCapacity);
  std::uint64_t id = 0;
  const auto fill = [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) cache.use(std::vector<Extent>{{++id}}, kStart);
  };
  fill(kCapacity + 1);
  const std::size_t bytes = cache.bytes();
  CHECK(bytes < 60 * kCapacity);
  fill(3 * kCapacity);
  CHECK(cache.bytes() == bytes);
  CHECK(cache.blocks() == kCapacity);
}

}  // namespace
}  // namespace tideline::caching
