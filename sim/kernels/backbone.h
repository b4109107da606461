// The smooth roofline under every family of kernels: a fixed cost, a cost for each step that a product has to
// take one after the other, then compute and memory time joined by a p-norm, so that near the ridge both are
// felt.
//   t(F, B, n) = t0 + w (tw + t1 n) + ((F / (P ec s))^p + (B / (W em))^p)^(1/p)
// A product in tiles (sim/kernels/tiles.h) walks along k once for each of its w waves, and each wave fills
// its pipeline and stores its tiles (tw) while nothing is multiplied; F is what the tiles execute on all SMs,
// its dear parts weighted. Other kernels are one wave without a cost of its own. P and W: the GPU's peak and
// bandwidth on paper; ec, em: the shares a good kernel reaches; s: the share of the SMs it may use (memory
// needs few of them to be busy, so W is not shared out).
#pragma once

#include <algorithm>
#include <cmath>

#include "sim/base/units.h"
#include "sim/kernels/tiles.h"

namespace tideline::kernels {

// What a kernel has to do at least: arithmetic, and data through memory once.
struct Work {
  Flop flop;
  Bytes bytes;
  double steps = 0.0;       // along k, of 128: no thread block, however many there are, gets through k faster
  double m = 0.0, n = 0.0;  // rows and columns of a product that is computed in tiles; otherwise 0
};

// What tiles cost beyond their flop: shares of it, and for each wave the time to fill the pipeline and to
// store the tiles.
struct TileCost {
  double two_scales = 0.0, one_group = 0.0;
  Seconds wave{0.0};
};

struct Backbone {
  FlopPerSecond peak;
  BytesPerSecond bandwidth;
  Seconds t0;
  double ec = 1.0, em = 1.0, p = 1.0;
  Seconds t1{0.0};
  TileCost tiles{};
  int sms = 0;  // that tiles are spread over; 0: nothing is tiled

  [[nodiscard]] Executed executed(const Work& w) const {
    if (sms == 0 || w.m <= 0.0) return {w.flop};
    return in_tiles(w.m, w.n, w.steps * kStepColumns, sms);
  }
  [[nodiscard]] Seconds compute(const Executed& e, double sm_share = 1.0) const {
    const Flop flop = e.all + e.two_scales * tiles.two_scales + e.one_group * tiles.one_group;
    return flop / (peak * (ec * sm_share));
  }
  [[nodiscard]] Seconds memory(const Work& w) const { return w.bytes / (bandwidth * em); }

  [[nodiscard]] Seconds operator()(const Work& w, double sm_share = 1.0) const {
    return at(w, executed(w), sm_share);
  }
  // `e`: executed(w), where many backbones are asked of the same work.
  [[nodiscard]] Seconds at(const Work& w, const Executed& e, double sm_share = 1.0) const {
    const double c = compute(e, sm_share).value(), m = memory(w).value();
    const double longer = std::max(c, m), shorter = std::min(c, m);
    const double waves = e.waves / sm_share;
    const Seconds fixed = t0 + t1 * (w.steps * std::max(1.0, waves)) + tiles.wave * waves;
    if (longer <= 0.0) return fixed;
    return fixed + Seconds(longer * std::pow(1.0 + std::pow(shorter / longer, p), 1.0 / p));
  }
  // No kernel is faster: either all arithmetic at the peak, or all data at the full bandwidth.
  [[nodiscard]] Seconds roofline(const Work& w, double sm_share = 1.0) const {
    return std::max(w.flop / (peak * sm_share), w.bytes / bandwidth);
  }
};

}  // namespace tideline::kernels
