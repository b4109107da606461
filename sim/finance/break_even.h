// What would bring profit to nothing, one thing at a time, all else as it is. Closed forms: with R the
// revenue, F what is given away at its price, C the cost, V the value of freed nodes, H the GPU-hours paid
// for:
//   load, price   C / R            nodes stay as they are
//   paid share    C / (R + F)
//   GPU rate      (R + V) / H
#pragma once

#include <optional>

#include "sim/finance/statement.h"

namespace tideline::finance {

// Nothing at all of a saturated run, whose nodes did not serve all of R.
struct BreakEven {
  // Factors of the tokens and of every price. Nothing where nothing is sold.
  std::optional<double> load, price;
  std::optional<double> paid_share;      // of the tokens, by price; more than 1: not even if all of them paid
  std::optional<double> gpu_rate_usd_h;  // of a GPU-hour that is paid for. Nothing where none is
};

BreakEven break_even(const Terms& terms, const Statement& statement);

}  // namespace tideline::finance
