#include "sim/workload/day_curve.h"

#include <algorithm>
#include <numeric>

#include "tests/doctest.h"

namespace tideline::workload {
namespace {

constexpr std::array<double, 24> kDay = {8,  5,  3,  2,  2,  3,  5,  8,  9,  10, 11, 12,
                                         12, 11, 10, 11, 12, 13, 14, 14, 13, 12, 11, 9};

double hour_mean(const DayCurve& curve, std::size_t hour) {
  return std::accumulate(&curve[hour * 12], &curve[hour * 12] + 12, 0.0) / 12.0;
}

TEST_CASE("step and smooth keep the load of every hour, and 1 on average") {
  const double mean = std::accumulate(kDay.begin(), kDay.end(), 0.0) / 24.0;
  for (const BetweenHours between : {BetweenHours::kStep, BetweenHours::kSmooth}) {
    const DayCurve curve = day_curve(kDay, between);
    for (std::size_t h = 0; h < 24; ++h) CHECK(hour_mean(curve, h) * mean == doctest::Approx(kDay[h]));
    CHECK(std::accumulate(curve.begin(), curve.end(), 0.0) / kSlotsPerDay == doctest::Approx(1.0));
  }
}

TEST_CASE("a smooth load has no jump between hours that a step has") {
  const DayCurve step = day_curve(kDay, BetweenHours::kStep), smooth = day_curve(kDay, BetweenHours::kSmooth);
  for (std::size_t h = 1; h < 24; ++h) {
    const std::size_t first = h * 12;
    CHECK(std::abs(smooth[first] - smooth[first - 1]) <=
          0.35 * std::abs(step[first] - step[first - 1]) + 0.02);
  }
}

TEST_CASE("beside a far busier hour an idle one stays idle") {
  std::array<double, 24> spike{};
  spike[10] = 24.0;
  const DayCurve smooth = day_curve(spike, BetweenHours::kSmooth);
  CHECK(hour_mean(smooth, 9) == 0.0);
  CHECK(*std::min_element(smooth.begin(), smooth.end()) >= 0.0);
  CHECK(hour_mean(smooth, 10) == doctest::Approx(24.0));
}

}  // namespace
}  // namespace tideline::workload
