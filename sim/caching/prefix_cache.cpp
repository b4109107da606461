#include "sim/caching/prefix_cache.h"

#include <algorithm>

#include "sim/base/check.h"

namespace tideline::caching {
namespace {

constexpr std::int64_t kStepNs = 10'000'000;
constexpr std::size_t kBucketsMin = 64;
constexpr std::size_t kAhead = 8;  // extents whose bucket is fetched before it is needed

// Ids may be counters: the finaliser of splitmix64 spreads them, and is one to one.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint32_t upper(std::uint64_t key) {
  return static_cast<std::uint32_t>(key >> 32);
}

}  // namespace

PrefixCache::PrefixCache(std::uint64_t capacity_blocks, std::optional<Duration> retention)
    : capacity_(capacity_blocks), nodes_(1), buckets_(kBucketsMin) {
  if (retention) {
    const std::int64_t steps = std::max<std::int64_t>(retention->ns / kStepNs, 0);
    retention_ =
        static_cast<std::uint32_t>(std::min<std::int64_t>(steps, std::numeric_limits<std::uint32_t>::max()));
  }
}

std::uint32_t PrefixCache::step_of(Instant now) {
  if (!first_ns_) first_ns_ = now.ns;
  const std::int64_t step = (now.ns - *first_ns_) / kStepNs;
  CHECK(step >= 0 && step <= std::numeric_limits<std::uint32_t>::max(), "an instant {} ns from the first",
        now.ns - *first_ns_);
  return static_cast<std::uint32_t>(step);
}

std::uint64_t PrefixCache::held(std::span<const Extent> chain, Instant now) {
  expire(step_of(now));
  for (std::size_t i = 0; i < std::min(kAhead, chain.size()); ++i) fetch(chain[i].id);
  std::uint64_t blocks = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (i + kAhead < chain.size()) fetch(chain[i + kAhead].id);
    const Place place = buckets_[find(mix(chain[i].id))].place;
    if (place == 0) break;
    blocks += nodes_[place].blocks;
    if (nodes_[place].blocks < chain[i].blocks) break;
  }
  return blocks;
}

void PrefixCache::use(std::span<const Extent> chain, Instant now) {
  const std::uint32_t step = step_of(now);
  for (std::size_t i = chain.size(); i-- > 0;) {
    if (i >= kAhead) fetch(chain[i - kAhead].id);
    const std::uint64_t key = mix(chain[i].id);
    if ((used_ + 1) * 4 > buckets_.size() * 3) grow();
    const std::size_t bucket = find(key);
    Place place = buckets_[bucket].place;
    if (place != 0) {
      unlink(place);
    } else {
      place = take_node();
      buckets_[bucket] = {upper(key), place};
      nodes_[place].key = key;
      nodes_[place].blocks = 0;
      ++used_;
    }
    Node& node = nodes_[place];
    blocks_ += chain[i].blocks - node.blocks;
    node.blocks = chain[i].blocks;
    node.used_at = step;
    link_newest(place);
    trim();
  }
}

// The oldest block of all is the deepest of the oldest extent.
void PrefixCache::trim() {
  while (blocks_ > capacity_) {
    Node& oldest = nodes_[nodes_[0].newer];
    const std::uint64_t over = blocks_ - capacity_;
    if (oldest.blocks <= over) {
      evict_oldest();
    } else {
      oldest.blocks -= static_cast<std::uint32_t>(over);
      blocks_ = capacity_;
    }
  }
}

void PrefixCache::expire(std::uint32_t now) {
  if (!retention_) return;
  while (used_ > 0 && now - nodes_[nodes_[0].newer].used_at > *retention_) evict_oldest();
}

void PrefixCache::evict_oldest() {
  const Place place = nodes_[0].newer;
  blocks_ -= nodes_[place].blocks;
  remove(find(nodes_[place].key));
  unlink(place);
  nodes_[place].older = free_;
  free_ = place;
  --used_;
}

std::size_t PrefixCache::find(std::uint64_t key) const {
  const std::uint32_t half = upper(key);
  std::size_t b = home(half);
  while (buckets_[b].place != 0 && (buckets_[b].half != half || nodes_[buckets_[b].place].key != key))
    b = b + 1 == buckets_.size() ? 0 : b + 1;
  return b;
}

void PrefixCache::fetch(std::uint64_t id) const {
  __builtin_prefetch(&buckets_[home(upper(mix(id)))]);
}

// Empties a bucket and moves up what had to stand behind it (Knuth, The Art of Computer Programming 3, 6.4
// R).
void PrefixCache::remove(std::size_t hole) {
  const std::size_t size = buckets_.size();
  for (std::size_t b = hole;;) {
    b = b + 1 == size ? 0 : b + 1;
    if (buckets_[b].place == 0) break;
    const std::size_t at_home = home(buckets_[b].half);
    const std::size_t from_home = b >= at_home ? b - at_home : b + size - at_home;
    const std::size_t from_hole = b >= hole ? b - hole : b + size - hole;
    if (from_home >= from_hole) buckets_[hole] = buckets_[b], hole = b;
  }
  buckets_[hole] = {};
}

// Node 0 stands between the newest (its `older`) and the oldest (its `newer`).
void PrefixCache::unlink(Place place) {
  const Node& node = nodes_[place];
  nodes_[node.newer].older = node.older;
  nodes_[node.older].newer = node.newer;
}

void PrefixCache::link_newest(Place place) {
  const Place second = nodes_[0].older;
  nodes_[place].newer = 0;
  nodes_[place].older = second;
  nodes_[second].newer = place;
  nodes_[0].older = place;
}

PrefixCache::Place PrefixCache::take_node() {
  if (free_ != 0) {
    const Place place = free_;
    free_ = nodes_[place].older;
    return place;
  }
  CHECK(nodes_.size() < std::numeric_limits<Place>::max(), "more extents than a prefix cache has places");
  nodes_.emplace_back();
  return static_cast<Place>(nodes_.size() - 1);
}

// Half as large again. The nodes stay where they are.
void PrefixCache::grow() {
  const std::size_t size = buckets_.size() + buckets_.size() / 2;
  std::vector<Bucket>().swap(buckets_);
  buckets_.resize(size);
  nodes_.reserve(size * 3 / 4 + 2);
  for (Place place = nodes_[0].older; place != 0; place = nodes_[place].older)
    buckets_[find(nodes_[place].key)] = {upper(nodes_[place].key), place};
}

std::size_t PrefixCache::bytes() const {
  return sizeof *this + nodes_.capacity() * sizeof(Node) + buckets_.capacity() * sizeof(Bucket);
}

}  // namespace tideline::caching
