// Requests whose hits the prefix cache finds: each prompt is looked up when it arrives, then held. Memory is
// that of the caches.
#pragma once

#include <memory>
#include <optional>

#include "sim/caching/prefix_cache.h"
#include "sim/workload/chained.h"
#include "sim/workload/prefix_caching.h"

namespace tideline::workload {

class CachedArrivals : public ArrivalSource {
 public:
  // Requests of `source` before `start` fill the cache and are not handed on. Without a cache (kDrawn, kNone)
  // hits are the source's own, or none.
  CachedArrivals(std::unique_ptr<ChainSource> source, const PrefixCaching& caching, Instant start);
  std::size_t read(std::span<Arrival> arrivals) override;

  [[nodiscard]] const caching::PrefixCache& cache() const { return cache_; }

 private:
  std::int32_t look_up(caching::PrefixCache& cache);
  void find_hits();

  std::unique_ptr<ChainSource> source_;
  PrefixCaching caching_;
  caching::PrefixCache cache_;
  // Of the same blocks those used last: it drops and looks up as the cache does, and so never holds others.
  std::optional<caching::PrefixCache> memory_;
  Instant start_;
  std::uint64_t id_ = 0;
  ChainedRequest request_;
};

}  // namespace tideline::workload
