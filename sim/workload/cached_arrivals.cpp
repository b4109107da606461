#include "sim/workload/cached_arrivals.h"

#include <algorithm>

namespace tideline::workload {

CachedArrivals::CachedArrivals(std::unique_ptr<ChainSource> source, const PrefixCaching& caching,
                               Instant start)
    : source_(std::move(source)),
      caching_(caching),
      cache_(caching.capacity_blocks(), caching.retention),
      start_(start) {
  if (caching.has_memory()) memory_.emplace(caching.memory_blocks(), caching.retention);
}

std::size_t CachedArrivals::read(std::span<Arrival> arrivals) {
  std::size_t filled = 0;
  while (filled < arrivals.size() && source_->next(request_)) {
    find_hits();
    if (request_.arrival.at < start_) continue;
    Arrival& arrival = arrivals[filled++] = request_.arrival;
    arrival.id = id_++;
    // Of a trace: what its first block holds. A block may be called 0, a session may not.
    if (arrival.session == 0 && request_.prompt_extents > 0) arrival.session = request_.chain.front().id + 1;
  }
  return filled;
}

// Tokens of the prompt that the cache holds; then it holds them all.
std::int32_t CachedArrivals::look_up(caching::PrefixCache& cache) {
  const Instant now = request_.arrival.at;
  const std::span chain(request_.chain), prompt = chain.first(request_.prompt_extents);
  const std::uint64_t held = cache.held(prompt, now);
  cache.use(caching_.outputs ? chain : prompt, now);
  return static_cast<std::int32_t>(
      std::min<std::uint64_t>(held * static_cast<std::uint64_t>(caching_.block_tokens),
                              static_cast<std::uint64_t>(request_.arrival.lengths.input)));
}

// A prompt that is held to its last token still has that token computed: its answer begins from it.
void CachedArrivals::find_hits() {
  Lengths& l = request_.arrival.lengths;
  if (caching_.kind == HitModel::kNone) l.cached = 0;
  if (caching_.kind == HitModel::kLru) {
    l.cached = look_up(cache_);
    if (memory_) l.in_memory = look_up(*memory_);
  }
  l.cached = std::min(l.cached, l.input - 1);
  l.in_memory = std::min(l.in_memory, l.cached);
}

}  // namespace tideline::workload
