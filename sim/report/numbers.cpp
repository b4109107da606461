#include "sim/report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/clock.h"

namespace tideline::report {

std::string grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  const auto end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = end; i > begin + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string shown(const scenario::Figure& figure, std::optional<double> value) {
  if (!value) return "-";
  if (figure.unit != "Gtok") return grouped(*value, figure.decimals);
  // Three digits of a small service too.
  constexpr int kDecimalsMost = 6;
  int decimals = figure.decimals;
  while (decimals < kDecimalsMost &&
         std::abs(figure.value.value_or(0.0)) * 1e-9 < std::pow(10.0, 2 - decimals))
    ++decimals;
  return grouped(*value * 1e-9, decimals);
}

std::string share(std::optional<double> x) {
  return x ? fmt::format("{:.1f} %", *x * 100.0) : "-";
}

std::string cost_profit_ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("cost-profit ratio {:.0f} %", *ratio * 100.0) : "no cost-profit ratio";
}

std::string gross_margin_text(std::optional<double> margin) {
  return margin ? fmt::format("gross margin {:.1f} %", *margin * 100.0) : "no gross margin";
}

std::string usd_text(std::optional<double> usd) {
  return usd ? fmt::format("${:.3f}", *usd) : "-";
}

std::string fixed(std::optional<double> value, int decimals, double scale) {
  return value ? fmt::format("{:.{}f}", *value * scale, decimals) : "-";
}

std::string csv_number(std::optional<double> value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string local_clock(const scenario::Scenario& scenario, Instant at) {
  const std::int64_t minute = (at.ns - (at.ns < 0 ? kNsPerMinute - 1 : 0)) / kNsPerMinute;  // rounded down
  return clock_text(((scenario.first_minute + minute) % kMinutesPerDay + kMinutesPerDay) % kMinutesPerDay);
}

std::string trace_over_text(const scenario::Scenario& s) {
  const auto over = scenario::trace_over(s);
  if (!over) return "";
  const double left_min = to_seconds(s.window - (*over - Instant{})).value() / 60.0;
  const std::string left =
      left_min < 120.0 ? fmt::format("{:.0f} min", left_min) : fmt::format("{:.1f} h", left_min / 60.0);
  return fmt::format(
      "the trace is over at {}: nobody comes in the last {} of the window, which are paid for all the same\n"
      "  a shorter \"duration\", or \"loop\" of the trace\n",
      local_clock(s, *over), left);
}

}  // namespace tideline::report
