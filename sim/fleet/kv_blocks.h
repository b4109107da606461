// The KV cache of a decode unit in whole blocks, rank by rank, as an engine allocates it.
//
// A request holds so many tokens, more by a fixed rate with every step, and as many blocks as they fill, the
// last one in part. When it next begins a block depends on where its tokens stand in the last one: its phase.
// Requests that grow alike keep their distance in phase for ever, so that each rank counts them by phase, and
// a step moves one pointer over all the counts: what passes a block's end is one row of counts, or two.
//
// 1. occupied(rank) = sum over its requests of the blocks of their tokens, + the blocks that were reserved.
// 2. The tokens of a request are rounded up by less than one to a whole token of its phase. Where requests
//    grow by one token a step nothing is rounded: exact. Otherwise a block is taken at most one step early.
// 3. grow() costs O(ranks), all else O(1).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"

namespace tideline::fleet {

class KvBlocks {
 public:
  // `rates`: tokens a step of each group of requests that grow alike, multiples of 2^-20. REQUIRES: a block
  // has a power of two of tokens, so that nothing here divides.
  KvBlocks(std::size_t ranks, std::int64_t block_tokens, const std::vector<double>& rates)
      : log_tokens_(std::countr_zero(static_cast<std::uint64_t>(block_tokens))), occupied_(ranks, 0) {
    CHECK(std::has_single_bit(static_cast<std::uint64_t>(block_tokens)), "{} tokens a block", block_tokens);
    for (const double rate : rates)
      groups_.push_back(
          {fixed(rate), 0, std::vector<std::uint16_t>(ranks * static_cast<std::size_t>(block_tokens), 0)});
  }

  // Blocks of that many tokens and of one more: what is reserved for a request before it joins.
  [[nodiscard]] std::int64_t blocks(double tokens) const {
    return (up(fixed(tokens), kLogOne) >> log_tokens_) + 1;
  }
  [[nodiscard]] std::int64_t occupied(std::size_t rank) const { return occupied_[rank]; }
  [[nodiscard]] const std::vector<std::int32_t>& occupied() const { return occupied_; }

  void reserve(std::size_t rank, double tokens) { occupied_[rank] += narrow(blocks(tokens)); }
  void unreserve(std::size_t rank, double tokens) { occupied_[rank] -= narrow(blocks(tokens)); }
  // A request stands on the rank from now on, with `tokens`, or no longer does.
  void join(std::size_t rank, std::size_t group, double tokens) { count(rank, group, tokens, 1); }
  void leave(std::size_t rank, std::size_t group, double tokens) { count(rank, group, tokens, -1); }
  // Begins to fetch what join() or leave() will count in.
  void prefetch(std::size_t rank, std::size_t group, double tokens) const {
    const Group& g = groups_[group];
    __builtin_prefetch(&g.counts[row(up(fixed(tokens) - g.grown, kLogOne)) * occupied_.size() + rank], 1);
  }
  // One step: every request that stands on a rank takes the blocks that its new tokens want.
  void grow() {
    for (Group& g : groups_) grow(g);
  }
  void clear() {
    occupied_.assign(occupied_.size(), 0);
    for (Group& g : groups_) g.counts.assign(g.counts.size(), 0);
  }

 private:
  static constexpr int kLogOne = 20;
  static constexpr std::int64_t kOne = std::int64_t{1} << kLogOne;  // a token
  struct Group {
    std::int64_t rate, grown;           // tokens a step; since the unit began, modulo a block
    std::vector<std::uint16_t> counts;  // [phase][rank]
  };

  static std::int32_t narrow(std::int64_t blocks) { return static_cast<std::int32_t>(blocks); }
  static std::int64_t fixed(double tokens) {
    return static_cast<std::int64_t>(tokens * static_cast<double>(kOne));
  }
  // In units of 2^log, rounded up; of a negative number too.
  static std::int64_t up(std::int64_t a, int log) { return (a + (std::int64_t{1} << log) - 1) >> log; }
  [[nodiscard]] std::int64_t block_tokens() const { return std::int64_t{1} << log_tokens_; }

  // Phase: tokens less what the group has grown, rounded up to a whole token, modulo a block.
  void count(std::size_t rank, std::size_t group, double tokens, int by) {
    Group& g = groups_[group];
    const std::int64_t phase = up(fixed(tokens) - g.grown, kLogOne);
    occupied_[rank] += by * narrow(up(phase * kOne + g.grown, kLogOne + log_tokens_));
    g.counts[row(phase) * occupied_.size() + rank] += static_cast<std::uint16_t>(by);
  }
  [[nodiscard]] std::size_t row(std::int64_t phase) const {
    return static_cast<std::size_t>(phase & (block_tokens() - 1));
  }

  // A phase stands at some place of its block, 0 where the block is full; from the last place down, those
  // that the step takes over the block's end.
  void grow(Group& g) {
    const std::int64_t whole = g.grown >> kLogOne, part = g.grown & (kOne - 1);
    for (std::int64_t place = block_tokens() - 1; place >= 0; --place) {
      const std::int64_t tokens = place * kOne + part;
      const std::int64_t more = up(tokens + g.rate, kLogOne + log_tokens_) - (tokens > 0 ? 1 : 0);
      if (more > 0)
        add(g, row(place - whole), narrow(more));
      else if (part == 0 && place > 0)
        place = 1;  // a full block is the only other one that is left
      else
        break;
    }
    g.grown = (g.grown + g.rate) & (block_tokens() * kOne - 1);
  }
  void add(const Group& g, std::size_t phase, std::int32_t blocks) {
    const std::uint16_t* counts = &g.counts[phase * occupied_.size()];
    for (std::size_t rank = 0; rank < occupied_.size(); ++rank) occupied_[rank] += blocks * counts[rank];
  }

  int log_tokens_;                      // of a block
  std::vector<std::int32_t> occupied_;  // by rank
  std::vector<Group> groups_;
};

}  // namespace tideline::fleet
