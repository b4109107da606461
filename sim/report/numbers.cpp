#include "sim/report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tideline::report {

std::string grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  const auto end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = end; i > begin + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string shown(const scenario::Figure& figure, double value) {
  if (figure.unit != "Gtok") return grouped(value, figure.decimals);
  // Three digits of a small service too.
  constexpr int kDecimalsMost = 6;
  int decimals = figure.decimals;
  while (decimals < kDecimalsMost && std::abs(figure.value) * 1e-9 < std::pow(10.0, 2 - decimals)) ++decimals;
  return grouped(value * 1e-9, decimals);
}

std::string share(double x) {
  return fmt::format("{:.1f} %", x * 100.0);
}

std::string local_clock(const scenario::Scenario& scenario, Instant at) {
  constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond, kDay = 24 * 60;
  const std::int64_t minute = (at.ns - (at.ns < 0 ? kMinuteNs - 1 : 0)) / kMinuteNs;  // rounded down
  const std::int64_t local = ((scenario.first_minute + minute) % kDay + kDay) % kDay;
  return fmt::format("{:02}:{:02}", local / 60, local % 60);
}

}  // namespace tideline::report
