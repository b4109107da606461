#include "sim/finance/tornado.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tideline::finance {

double Swing::width_usd() const {
  return std::abs(high.profit_usd() - low.profit_usd());
}

std::vector<Swing> tornado(const Drivers& drivers, const std::vector<Range>& ranges) {
  std::vector<Swing> swings;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const Range& range = ranges[i];
    Levers low = drivers.base, high = drivers.base;
    low.*range.lever->value = range.low;
    high.*range.lever->value = range.high;
    swings.push_back(
        {range, i, drivers.base.*range.lever->value, outcome(drivers, low), outcome(drivers, high)});
  }
  std::ranges::stable_sort(swings, std::greater{}, &Swing::width_usd);
  return swings;
}

}  // namespace tideline::finance
