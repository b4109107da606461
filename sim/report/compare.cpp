#include <cmath>

#include "sim/report/report.h"

namespace tideline::report {

Comparison compare(const scenario::Result& result, const scenario::Figure& figure) {
  const auto found = result.scenario.published.find(std::string(figure.key));
  if (found == result.scenario.published.end()) return {};
  Comparison c{.published = true, .low = found->second.low, .high = found->second.high};
  if (figure.value >= c.low && figure.value <= c.high)
    c.inside = true;
  else {
    const double nearest = figure.value < c.low ? c.low : c.high;
    c.relative = nearest != 0.0 ? (figure.value - nearest) / std::abs(nearest) : 0.0;
  }
  return c;
}

}  // namespace tideline::report
