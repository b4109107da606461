#include "sim/moe/normal_draws.h"

#include "sim/workload/normal.h"

namespace tideline::moe {
namespace {

const workload::Distribution& normal() {
  static const auto table = workload::Distribution::from_quantiles(workload::normal_quantile);
  return table;
}

}  // namespace

NormalDraws::NormalDraws(std::uint64_t seed, Draw what, std::int64_t layer, std::int64_t n)
    : table_(normal()),
      stream_(seed, 0, Purpose::kExpertLoad),
      entity_(static_cast<std::uint64_t>(what) << 32 | static_cast<std::uint64_t>(layer)),
      first_(static_cast<std::uint64_t>(n) << 32) {}

}  // namespace tideline::moe
