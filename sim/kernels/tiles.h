// How a dense FP8 product is cut into tiles, and what that costs. DeepGEMM gives each SM one tile of the
// result at a time: with 132 SMs and 168 tiles, all wait for two waves. It takes the tile with the fewest
// waves, then the fullest last wave, whatever that costs within the tile; so that a few more rows may take
// twice the time. Source: the rule of deepseek-ai/DeepGEMM, jit_kernels of its first release (2025-02); later
// releases changed which widths may be taken (steps of 16), which explains the tables less well.
#pragma once

#include "sim/base/units.h"

namespace tideline::kernels {

inline constexpr int kStepColumns = 128;  // of k, that share one scale and are multiplied in one step

struct Tile {
  int rows = 0, columns = 0;
  double waves = 0.0;
};

// REQUIRES: m, n > 0, sms > 0.
Tile tile_of(double m, double n, int sms);

// Arithmetic of a product in whole tiles and whole waves. Two parts of it cost more than a flop each, by what
// is fitted (Backbone): tiles whose columns straddle two 128-wide scales, and tiles of 64 rows, whose one
// group of warps cannot scale while another multiplies.
struct Executed {
  Flop all;
  Flop two_scales{0.0}, one_group{0.0};  // parts of all
  double waves = 0.0;                    // 0: not in tiles
};

Executed in_tiles(double m, double n, double k, int sms);

}  // namespace tideline::kernels
