#include "sim/workload/cached_arrivals.h"

#include <algorithm>

namespace tideline::workload {

CachedArrivals::CachedArrivals(std::unique_ptr<ChainSource> source, const PrefixCaching& caching,
                               Instant start)
    : source_(std::move(source)),
      caching_(caching),
      cache_(caching.capacity_blocks(), caching.retention),
      start_(start) {}

std::size_t CachedArrivals::read(std::span<Arrival> arrivals) {
  std::size_t filled = 0;
  while (filled < arrivals.size() && source_->next(request_)) {
    find_hits();
    if (request_.arrival.at < start_) continue;
    request_.arrival.id = id_++;
    arrivals[filled++] = request_.arrival;
  }
  return filled;
}

// A prompt that is held to its last token still has that token computed: its answer begins from it.
void CachedArrivals::find_hits() {
  Lengths& l = request_.arrival.lengths;
  if (caching_.kind == HitModel::kNone) l.cached = 0;
  if (caching_.kind == HitModel::kLru) {
    const std::span chain(request_.chain);
    const std::uint64_t held = cache_.held(chain.first(request_.prompt_extents), request_.arrival.at);
    cache_.use(caching_.outputs ? chain : chain.first(request_.prompt_extents), request_.arrival.at);
    l.cached = static_cast<std::int32_t>(std::min<std::uint64_t>(
        held * static_cast<std::uint64_t>(caching_.block_tokens), static_cast<std::uint64_t>(l.input)));
  }
  l.cached = std::min(l.cached, l.input - 1);
}

}  // namespace tideline::workload
