// The prefix cache and a naive one, a list and a map of single blocks, on random chains: the same answer
// every time, whatever the capacity, the retention and the way the chain is cut into extents.
#include "sim/caching/prefix_cache.h"

#include <list>
#include <map>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::caching {
namespace {

using Block = std::pair<std::uint64_t, std::uint32_t>;  // extent, place in it

class NaiveCache {
 public:
  NaiveCache(std::uint64_t capacity, std::optional<Duration> retention)
      : capacity_(capacity), retention_(retention) {}

  std::uint64_t held(std::span<const Extent> chain, Instant now) {
    while (retention_ && !recent_.empty() && now - used_.at(recent_.back()).second > *retention_)
      drop_oldest();
    std::uint64_t blocks = 0;
    for (const Extent& e : chain)
      for (std::uint32_t b = 0; b < e.blocks; ++b, ++blocks)
        if (!used_.contains({e.id, b})) return blocks;
    return blocks;
  }
  void use(std::span<const Extent> chain, Instant now) {
    for (std::size_t i = chain.size(); i-- > 0;)
      for (std::uint32_t b = chain[i].blocks; b-- > 0;) {
        const Block block{chain[i].id, b};
        if (const auto found = used_.find(block); found != used_.end()) recent_.erase(found->second.first);
        recent_.push_front(block);
        used_[block] = {recent_.begin(), now};
      }
    while (recent_.size() > capacity_) drop_oldest();
  }
  [[nodiscard]] std::uint64_t blocks() const { return recent_.size(); }

 private:
  void drop_oldest() {
    used_.erase(recent_.back());
    recent_.pop_back();
  }
  std::uint64_t capacity_;
  std::optional<Duration> retention_;
  std::list<Block> recent_;
  std::map<Block, std::pair<std::list<Block>::iterator, Instant>> used_;
};

// Chains of a tree: one of `families` trunks, cut somewhere, then a branch of its own.
std::vector<Extent> draw_chain(const RandomStream& stream, std::uint64_t n, std::uint32_t extent_max,
                               std::uint32_t families) {
  const PhiloxBlock w = stream.block(n);
  const std::uint64_t family = w[0] % families, branch = 1000 + w[1] % (2 * families);
  const std::uint32_t trunk = w[2] % 6, length = trunk + w[3] % 6;
  std::vector<Extent> chain;
  for (std::uint32_t i = 0; i < length; ++i) {
    const std::uint64_t id = (i < trunk ? family : branch * 100 + trunk) * 100 + i;
    chain.push_back({id, 1 + static_cast<std::uint32_t>(id * 7919 % extent_max)});
  }
  return chain;
}

void agree(std::uint64_t capacity, std::optional<Duration> retention, std::uint32_t extent_max,
           std::uint32_t families) {
  CAPTURE(capacity);
  CAPTURE(extent_max);
  PrefixCache cache(capacity, retention);
  NaiveCache naive(capacity, retention);
  const RandomStream stream(capacity, extent_max, Purpose::kRequest);
  std::uint64_t hits = 0;
  Instant now{-5 * kNsPerSecond};
  for (std::uint64_t n = 0; n < 3000; ++n) {
    now.ns += stream.block(n, 1)[0] % 400 * 10'000'000;
    const std::vector<Extent> chain = draw_chain(stream, n, extent_max, families);
    const std::uint64_t held = cache.held(chain, now);
    REQUIRE(held == naive.held(chain, now));
    cache.use(chain, now);
    naive.use(chain, now);
    REQUIRE(cache.blocks() == naive.blocks());
    hits += held;
  }
  CHECK(hits > 0);
}

TEST_CASE("single blocks: as the naive cache, at any capacity and retention") {
  for (const std::uint64_t capacity : {3, 40, 200, 1000})
    for (const auto retention : {std::optional<Duration>{}, std::optional(Duration{30 * kNsPerSecond})})
      agree(capacity, retention, 1, 20);
}

TEST_CASE("extents lose their end first, as their blocks would one by one") {
  for (const std::uint64_t capacity : {7, 60, 333, 2000}) {
    agree(capacity, {}, 17, 20);
    agree(capacity, Duration{60 * kNsPerSecond}, 17, 60);
  }
}

TEST_CASE("a cache without limit forgets nothing") {
  agree(PrefixCache::kUnlimited, {}, 5, 300);
}

}  // namespace
}  // namespace tideline::caching
