// Bands: every driver drawn from its range, independently of the others, and what becomes of the money.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/finance/drivers.h"

namespace tideline::finance {

// Of the outcomes, in the order of their values: P10 is exceeded by nine in ten of them, P90 by one.
struct Band {
  double mean = 0, p10 = 0, p50 = 0, p90 = 0;
};

struct Bands {
  std::int64_t samples = 0;
  Band revenue_usd, cost_usd, profit_usd;
  std::optional<Band> gross_margin, cost_profit_ratio;  // of the outcomes that have one
  double loss_share = 0;                                // of the outcomes, those with a loss
};

// The same on any number of threads.
Bands monte_carlo(const Drivers& drivers, const Uncertainty& uncertainty, int threads = 1);

}  // namespace tideline::finance
