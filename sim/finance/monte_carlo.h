// Bands: every driver drawn from its range, independently of the others, and what becomes of the money.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/finance/drivers.h"

namespace tideline::finance {

// Of the outcomes, in the order of their values: P10 is exceeded by nine in ten of them, P90 by one.
struct Band {
  double mean = 0, p10 = 0, p50 = 0, p90 = 0;
};

struct Bands {
  std::int64_t samples = 0;
  Band revenue_usd, cost_usd, profit_usd, gross_margin, cost_profit_ratio;
  double loss_share = 0;  // of the outcomes, those with a loss
};

// `efficiency`: node-hours a token relative to the statement, as replications of a run had them; where there
// are any, sample i takes number i modulo their count instead of a draw from the range of efficiency.
Bands monte_carlo(const Drivers& drivers, const Uncertainty& uncertainty,
                  std::span<const double> efficiency = {});

}  // namespace tideline::finance
