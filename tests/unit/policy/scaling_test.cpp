#include "sim/policy/scaling.h"

#include "tests/doctest.h"

namespace tideline::policy {
namespace {

constexpr Duration kMinute{60 * kNsPerSecond};

ScalingSettings settings(ScalingKind kind) {
  return {.kind = kind, .target = 2.0, .every = kMinute, .calm = {}, .units_min = 1, .units_max = 1000};
}

TEST_CASE("as many units as keep the load of one at the target, within their bounds") {
  Scaling scaling(settings(ScalingKind::kReactive));
  CHECK(scaling.units(7.0) == 4);
  CHECK(scaling.units(8.0) == 4);
  CHECK(scaling.units(0.0) == 1);
  CHECK(scaling.units(1e6) == 1000);
}

TEST_CASE("more units at once, fewer only when a calm while has not wanted more") {
  ScalingSettings s = settings(ScalingKind::kReactive);
  s.calm = {3 * kMinute.ns};
  Scaling scaling(s);
  CHECK(scaling.units(10.0) == 5);
  CHECK(scaling.units(2.0) == 5);
  CHECK(scaling.units(2.0) == 5);
  CHECK(scaling.units(2.0) == 1);
  CHECK(scaling.units(10.0) == 5);
}

TEST_CASE("a forecast of a load that stands still is that load") {
  ScalingSettings s = settings(ScalingKind::kForecast);
  s.ahead = {10 * kMinute.ns};
  Scaling scaling(s);
  for (int look = 0; look < 100; ++look) CHECK(scaling.units(8.0) == 4);
}

TEST_CASE(
    "a forecast of a load that rises sees it as it will be; one that falls no further than to nothing") {
  ScalingSettings s = settings(ScalingKind::kForecast);
  s.ahead = {10 * kMinute.ns};
  Scaling scaling(s);
  double load = 100.0;
  std::int64_t units = 0;
  for (int look = 0; look < 200; ++look) units = scaling.units(load += 6.0);
  CHECK(units == static_cast<std::int64_t>((load + 60.0) / 2.0));
  for (int look = 0; look < 200; ++look) units = scaling.units(load = std::max(0.0, load - 30.0));
  CHECK(units == 1);
}

}  // namespace
}  // namespace tideline::policy
