// Inside moe: standard normal draws of Purpose::kExpertLoad, four a block, a few nanoseconds each.
#pragma once

#include <cstdint>

#include "sim/base/random.h"
#include "sim/workload/distribution.h"

namespace tideline::moe {

// What a draw is for, in the upper bits of its entity; the lower ones are the layer.
enum class Draw : std::uint64_t { kPopularity = 0, kDrift = 1, kRouting = 2 };

class NormalDraws {
 public:
  NormalDraws(std::uint64_t seed, Draw what, std::int64_t layer, std::int64_t n = 0);
  double operator()() {
    if (at_ % 4 == 0) block_ = stream_.block(entity_, first_ + at_ / 4);
    return table_(block_[at_++ % 4]);
  }

 private:
  const workload::Distribution& table_;
  RandomStream stream_;
  std::uint64_t entity_, first_, at_ = 0;
  PhiloxBlock block_{};
};

}  // namespace tideline::moe
