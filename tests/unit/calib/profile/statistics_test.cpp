#include "calib/profile/statistics.h"

#include <doctest/doctest.h>

using namespace tideline::profile;

TEST_CASE("Quantiles lie between the samples, spread is of the sample") {
  const Statistics s = summarise({5, 1, 4, 2, 3});
  CHECK(s.n == 5);
  CHECK(s.min == 1);
  CHECK(s.p10 == doctest::Approx(1.4));
  CHECK(s.median == 3);
  CHECK(s.p90 == doctest::Approx(4.6));
  CHECK(s.max == 5);
  CHECK(s.mean == 3);
  CHECK(s.sd == doctest::Approx(1.5811388));
  CHECK(s.mad == 1);
}

TEST_CASE("One sample has no spread, and none is all zeros") {
  CHECK(summarise({7}).sd == 0);
  CHECK(summarise({7}).p90 == 7);
  CHECK(summarise({}).n == 0);
}
