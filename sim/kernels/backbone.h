// The smooth roofline under every family of kernels: a fixed cost, a cost for each step that a product has to
// take one after the other, then compute and memory time joined by a p-norm, so that near the ridge both are
// felt.
//   t(F, B, n) = t0 + t1 n + ((F / (P ec s))^p + (B / (W em))^p)^(1/p)
// P and W: the GPU's peak and bandwidth on paper; ec, em: the shares a good kernel reaches; s: the share of
// the SMs it may use (memory needs few of them to be busy, so W is not shared out).
#pragma once

#include <algorithm>
#include <cmath>

#include "sim/base/units.h"

namespace tideline::kernels {

// What a kernel has to do at least: arithmetic, and data through memory once.
struct Work {
  Flop flop;
  Bytes bytes;
  double steps = 0.0;  // along k, of 128: no thread block, however many there are, gets through k faster
};

struct Backbone {
  FlopPerSecond peak;
  BytesPerSecond bandwidth;
  Seconds t0;
  double ec = 1.0, em = 1.0, p = 1.0;
  Seconds t1{0.0};

  [[nodiscard]] Seconds operator()(const Work& w, double sm_share = 1.0) const {
    const double compute = (w.flop / (peak * (ec * sm_share))).value();
    const double memory = (w.bytes / (bandwidth * em)).value();
    const double longer = std::max(compute, memory), shorter = std::min(compute, memory);
    const Seconds fixed = t0 + t1 * w.steps;
    if (longer <= 0.0) return fixed;
    return fixed + Seconds(longer * std::pow(1.0 + std::pow(shorter / longer, p), 1.0 / p));
  }
  // No kernel is faster: either all arithmetic at the peak, or all data at the full bandwidth.
  [[nodiscard]] Seconds roofline(const Work& w, double sm_share = 1.0) const {
    return std::max(w.flop / (peak * sm_share), w.bytes / bandwidth);
  }
};

}  // namespace tideline::kernels
