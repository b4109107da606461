// The requests that are in the fleet now, in one flat array reused through a list of free slots: memory
// follows the number in flight, never the length of the day.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/huge_pages.h"
#include "sim/base/time.h"
#include "sim/workload/arrivals.h"

namespace tideline::serving {

using Slot = std::uint32_t;

// One cache line. Tokens as in workload::Lengths.
struct alignas(64) Request {
  std::uint64_t id = 0;
  Instant arrival, first_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::int32_t computed = 0;    // prompt tokens whose prefill is done, cached ones excluded
  std::int32_t steps_left = 0;  // decode steps from the moment it joins a rank
  std::uint16_t rank = 0;       // the GPU of its unit that computes it, or that it stands on
  std::uint8_t request_class = 0;
  std::uint8_t growth : 7 = 0;  // which requests grow alike: those of one kv_rate
  bool begun : 1 = false;       // its first pass, or its first step, has begun
  std::int32_t made = 0;        // tokens of the answer that were lost: computed again with the prompt
  // Tokens of KV cache it brings to its rank (the prompt, and what it made elsewhere), and those it adds a
  // decode step. Both are multiples of 2^-20, so that sums stay exact; a rate has 22 bits.
  float kv_rate = 0.0F;
  double kv_base = 0.0;

  [[nodiscard]] std::int64_t tokens() const { return std::int64_t{input} + output; }
  [[nodiscard]] std::int32_t to_compute() const { return input + made - cached - computed; }
  [[nodiscard]] double kv_at_end() const { return kv_base + double{kv_rate} * steps_left; }
};
static_assert(sizeof(Request) == 64);

class RequestPool {
 public:
  Slot add(const workload::Arrival& a) {
    if (free_.empty()) grow();
    const Slot slot = free_.back();
    free_.pop_back();
    requests_[slot] = {.id = a.id,
                       .arrival = a.at,
                       .first_token = {},
                       .input = a.lengths.input,
                       .cached = a.lengths.cached,
                       .output = a.lengths.output,
                       .request_class = a.request_class,
                       .kv_base = static_cast<double>(a.lengths.input)};
    if (free_.size() >= kAhead) __builtin_prefetch(&requests_[free_[free_.size() - kAhead]], 1);
    return slot;
  }
  void remove(Slot slot) { free_.push_back(slot); }
  Request& operator[](Slot slot) { return requests_[slot]; }
  const Request& operator[](Slot slot) const { return requests_[slot]; }
  // Begins to fetch a request from memory: asked for a while before the request itself.
  void prefetch(Slot slot) const { __builtin_prefetch(&requests_[slot]); }
  [[nodiscard]] std::size_t size() const { return requests_.size() - free_.size(); }

 private:
  // Free slots that are fetched from memory before their turn. Decides cost alone.
  static constexpr std::size_t kAhead = 4;

  void grow() {
    CHECK(requests_.size() < std::numeric_limits<Slot>::max(), "more requests in flight than slots");
    free_.push_back(static_cast<Slot>(requests_.size()));
    requests_.emplace_back();
  }

  std::vector<Request, HugePages<Request>> requests_;
  std::vector<Slot> free_;  // the last one freed is used first: it is in the cache
};

}  // namespace tideline::serving
