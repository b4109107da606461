#include "sim/workload/day_curve.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/config/choose.h"

namespace tideline::workload {
namespace {

constexpr int kSlotsPerHour = kSlotsPerDay / 24;

// Load at a share of the hour from 0 to 1, along two straight lines.
double along(double begin, double middle, double end, double share) {
  return share < 0.5 ? begin + 2.0 * share * (middle - begin) : middle + (2.0 * share - 1.0) * (end - middle);
}

}  // namespace

DayCurve day_curve(const std::array<double, 24>& hours, BetweenHours between) {
  const double mean = std::accumulate(hours.begin(), hours.end(), 0.0) / 24.0;
  DayCurve curve{};
  for (std::size_t h = 0; h < 24; ++h) {
    double begin = 0.5 * (hours[(h + 23) % 24] + hours[h]), end = 0.5 * (hours[h] + hours[(h + 1) % 24]);
    double middle = 2.0 * hours[h] - 0.5 * (begin + end);
    if (between == BetweenHours::kStep || middle < 0.0) begin = middle = end = hours[h];
    for (int i = 0; i < kSlotsPerHour; ++i)
      curve[h * kSlotsPerHour + static_cast<std::size_t>(i)] =
          along(begin, middle, end, (i + 0.5) / kSlotsPerHour) / mean;
  }
  return curve;
}

DayCurve read_day_curve(const config::Node& workload) {
  const BetweenHours between = config::choose(workload, "between_hours", kBetweenHours, "step");
  const std::vector<double> profile = workload.numbers("hourly_profile");
  std::array<double, 24> hours{};
  if (profile.size() != hours.size()) {
    workload.problem("hourly_profile",
                     "wants 24 numbers, the load of the local hours 00 to 23 relative to each other");
  } else if (std::ranges::any_of(profile, [](double p) { return p < 0.0; })) {
    workload.problem("hourly_profile", "a load cannot be negative");
  } else if (!std::isfinite(std::accumulate(profile.begin(), profile.end(), 0.0))) {
    workload.problem("hourly_profile", "these loads have no sum");
  } else if (std::ranges::all_of(profile, [](double p) { return p == 0.0; })) {
    workload.problem("hourly_profile", "the day has no load at all");
  } else {
    std::ranges::copy(profile, hours.begin());
    return day_curve(hours, between);
  }
  return {};
}

}  // namespace tideline::workload
