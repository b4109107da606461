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

TEST_CASE("Equal samples have equal quantiles, to the last bit: events tick in half microseconds") {
  for (int n = 1; n < 200; ++n)
    for (const double tick : {0.1, 5.0 / 3.0, 4.7, 1234.56789}) {
      const Statistics s = summarise(std::vector<double>(static_cast<std::size_t>(n), tick));
      CHECK(s.min == s.p10);
      CHECK(s.p10 == s.median);
      CHECK(s.median == s.p90);
      CHECK(s.p90 == s.max);
    }
}
