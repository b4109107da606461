#include <algorithm>
#include <cmath>

#include "sim/report/report.h"

namespace tideline::report {

Comparison compare(const PublishedFigures& published, const scenario::Figure& figure) {
  const auto found = published.find(std::string(figure.key));
  if (found == published.end()) return {};
  Comparison c;
  c.published = true, c.low = found->second.low, c.high = found->second.high;
  if (!figure.value) return c;
  const double value = *figure.value;
  c.inside = value >= c.low && value <= c.high;
  const double nearest = std::clamp(value, c.low, c.high);
  if (c.inside && c.low != c.high)
    c.relative = 0.0;
  else if (nearest != 0.0)
    c.relative = (value - nearest) / std::abs(nearest);
  return c;
}

}  // namespace tideline::report
