// What the two all-to-alls put on a link, and the share of the link's rate they reach by size of the
// exchange. Headers alone, so that the fit (calib/fit) leaves rows out of the very function that the
// simulator evaluates.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace tideline::network {

// Bytes of one copy of a token. Source: DeepEP README; dispatch in FP8 with a 4-byte scale per 128 values
// (7392 B at hidden 7168), combine in BF16.
constexpr double dispatch_bytes(double hidden) {
  return hidden * (1.0 + 4.0 / 128.0);
}
constexpr double combine_bytes(double hidden) {
  return 2.0 * hidden;
}

// Of the messages of a low-latency exchange, those that leave the GPU: the experts are spread evenly.
constexpr double remote_share(double gpus) {
  return gpus > 1.0 ? 1.0 - 1.0 / gpus : 0.0;
}

// Efficiency at sizes (GPUs, or nodes), linear in between over log2(size), constant outside.
class EfficiencyBySize {
 public:
  // REQUIRES: the same number of sizes, rising, and of efficiencies, above 0; at least one.
  EfficiencyBySize(std::vector<double> sizes, std::vector<double> efficiencies)
      : sizes_(std::move(sizes)), efficiencies_(std::move(efficiencies)) {}

  [[nodiscard]] double at(double size) const {
    const auto above = std::upper_bound(sizes_.begin(), sizes_.end(), size);
    if (above == sizes_.begin()) return efficiencies_.front();
    if (above == sizes_.end()) return efficiencies_.back();
    const auto i = static_cast<std::size_t>(above - sizes_.begin());
    const double share = std::log2(size / sizes_[i - 1]) / std::log2(sizes_[i] / sizes_[i - 1]);
    return efficiencies_[i - 1] + share * (efficiencies_[i] - efficiencies_[i - 1]);
  }

 private:
  std::vector<double> sizes_, efficiencies_;
};

}  // namespace tideline::network
