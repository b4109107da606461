// The prefix cache: which blocks of a prompt's KV cache are still held from earlier prompts. Least recently
// used blocks leave first, and blocks unused for longer than the retention are gone.
//
// A prompt is a chain of blocks, each identified by all that stands before it; the chain hits up to its first
// missing block. A chain is given in extents: runs of blocks that always stand together (one block by itself
// where hashes come from a trace; what a turn of a conversation adds to its prompt). The result is that of
// single blocks, exactly, at the cost of one look-up an extent (tests/twin/prefix_cache_test.cpp).
//
// 1. Most recent first, the extents of the prompt used last stand before all others, and within them the
//    deeper block is the older one: what leaves first is a prompt's end, never its beginning.
// 2. blocks() <= capacity. An extent that lost its end is held in part.
// 3. An extent has one length whenever it is used.
// 4. Memory: 35 bytes an extent held, up to half as much again where it had to grow; nothing is allocated
//    once the most extents have been held. An extent of a large cache, looked up and held, costs about as
//    much as a hold operation (tideline-bench), most of it waiting for memory.
//
// Source of the rules: Mooncake (FAST '25), whose published trace they were checked on
// (tests/measured/prefix_cache_test.cpp). Instants are kept in steps of 10 ms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "sim/base/time.h"

namespace tideline::caching {

struct Extent {
  std::uint64_t id = 0;  // of its last block and, by that, of everything before it
  std::uint32_t blocks = 1;
};

class PrefixCache {
 public:
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  explicit PrefixCache(std::uint64_t capacity_blocks, std::optional<Duration> retention = {});

  // Leading blocks of the chain that are held at `now`. REQUIRES: `now` never before that of an earlier call.
  std::uint64_t held(std::span<const Extent> chain, Instant now);
  // Holds every block of the chain from now on, the first as the most recent.
  void use(std::span<const Extent> chain, Instant now);

  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
  [[nodiscard]] std::size_t extents() const { return used_; }
  [[nodiscard]] std::size_t bytes() const;  // of memory that it occupies now

 private:
  using Place = std::uint32_t;  // in nodes_; the list is closed through node 0, which holds no extent
  struct Node {
    std::uint64_t key = 0;  // the id, mixed
    Place newer = 0, older = 0;
    std::uint32_t blocks = 0;
    std::uint32_t used_at = 0;  // steps since the first instant seen
  };
  // Open addressing with linear probing, home by the upper half of the key, so that neither a miss nor a
  // removal reads a node.
  struct Bucket {
    std::uint32_t half = 0;  // upper half of the key
    Place place = 0;         // 0: empty
  };

  [[nodiscard]] std::size_t home(std::uint32_t half) const {
    return (std::uint64_t{half} * buckets_.size()) >> 32;
  }
  [[nodiscard]] std::size_t find(std::uint64_t key) const;  // its bucket, or the empty one where it belongs
  void fetch(std::uint64_t id) const;
  void expire(std::uint32_t now);
  void evict_oldest();
  void trim();
  void remove(std::size_t bucket);
  void unlink(Place place);
  void link_newest(Place place);
  Place take_node();
  void grow();
  std::uint32_t step_of(Instant now);

  std::uint64_t capacity_, blocks_ = 0;
  std::optional<std::uint32_t> retention_;
  std::optional<std::int64_t> first_ns_;
  std::vector<Node> nodes_;
  std::vector<Bucket> buckets_;
  Place free_ = 0;  // chained through `older`
  std::size_t used_ = 0;
};

}  // namespace tideline::caching
