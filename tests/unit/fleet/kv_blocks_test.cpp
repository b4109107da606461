#include "sim/fleet/kv_blocks.h"

#include <cmath>
#include <vector>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::fleet {
namespace {

struct Held {
  std::size_t rank, group;
  double tokens;
};

// Joins and leaves requests at random for some steps; after each, says what stands where.
template <class Look>
void shuffle(std::int64_t block, const std::vector<double>& rates, Look look) {
  constexpr std::size_t kRanks = 3;
  KvBlocks blocks(kRanks, block, rates);
  std::vector<Held> held;
  const RandomStream words(9, 0, Purpose::kRequest);
  for (std::uint64_t step = 0; step < 3000; ++step) {
    const PhiloxBlock w = words.block(step, static_cast<std::uint64_t>(block));
    if (w[0] % 3 != 0) {
      held.push_back({w[1] % kRanks, w[2] % rates.size(), 1.0 + w[3] % 1000});
      blocks.join(held.back().rank, held.back().group, held.back().tokens);
    }
    if (w[0] % 2 == 0 && !held.empty()) {
      const std::size_t i = w[1] % held.size();
      blocks.leave(held[i].rank, held[i].group, held[i].tokens);
      held[i] = held.back();
      held.pop_back();
    }
    blocks.grow();
    for (Held& h : held) h.tokens += rates[h.group];
    for (std::size_t rank = 0; rank < kRanks; ++rank) {
      std::int64_t exact = 0, one_more = 0;
      for (const Held& h : held) {
        if (h.rank != rank) continue;
        exact += static_cast<std::int64_t>(std::ceil(h.tokens / static_cast<double>(block)));
        one_more += static_cast<std::int64_t>(std::ceil((h.tokens + 1.0) / static_cast<double>(block)));
      }
      look(blocks.occupied(rank), exact, one_more);
    }
  }
}

TEST_CASE("a rank occupies the blocks of each of its requests, exactly where they grow a token a step") {
  for (const std::int64_t block : {1, 8, 64})
    shuffle(block, {1.0},
            [](std::int64_t occupied, std::int64_t exact, std::int64_t) { REQUIRE(occupied == exact); });
}

TEST_CASE("where requests grow by parts of a token, a block is taken at most a token early") {
  const double drafting = std::floor(1.85 * 0x1p20) * 0x1p-20;
  for (const std::int64_t block : {1, 2, 64, 128})
    shuffle(block, {drafting, 1.0, 1.5, 2.0},
            [](std::int64_t occupied, std::int64_t exact, std::int64_t one_more) {
              REQUIRE(occupied >= exact);
              REQUIRE(occupied <= one_more);
            });
}

TEST_CASE("what is reserved has room for the next token") {
  KvBlocks blocks(1, 64, {1.0});
  CHECK(blocks.blocks(63) == 1);
  CHECK(blocks.blocks(64) == 2);
  blocks.reserve(0, 64);
  CHECK(blocks.occupied(0) == 2);
  blocks.unreserve(0, 64);
  CHECK(blocks.occupied(0) == 0);
}

}  // namespace
}  // namespace tideline::fleet
