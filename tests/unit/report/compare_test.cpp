#include "sim/report/report.h"

#include "tests/doctest.h"

namespace tideline::report {
namespace {

// A prediction of `value` beside a published range.
Comparison compared(double value, double low, double high) {
  scenario::Result r;
  r.scenario.published["gross_margin"] = {low, high};
  const scenario::Figure figure{"gross_margin", "gross margin", "", 4, value};
  r.figures = {figure};
  return compare(r.scenario.published, figure);
}

TEST_CASE("a difference is a share of what was published, signed") {
  CHECK(*compared(0.9, 1.0, 1.0).relative == doctest::Approx(-0.1));
  CHECK(*compared(-1.1, -1.0, -1.0).relative == doctest::Approx(-0.1));
  CHECK(*compared(1.0, 1.0, 1.0).relative == 0.0);
}

TEST_CASE("in a range there is no difference, outside it counts from the nearer end") {
  CHECK(compared(21.0, 20.0, 22.0).inside);
  CHECK(*compared(21.0, 20.0, 22.0).relative == 0.0);
  CHECK(*compared(24.2, 20.0, 22.0).relative == doctest::Approx(0.1));
  CHECK(*compared(18.0, 20.0, 22.0).relative == doctest::Approx(-0.1));
}

TEST_CASE("of a published 0 there are no shares: the difference is not +0 %") {
  CHECK(compared(0.5, 0.0, 0.0).published);
  CHECK_FALSE(compared(0.5, 0.0, 0.0).relative.has_value());
}

TEST_CASE("a ratio that there is not is beside what was published, and no share of it") {
  const scenario::Figure none{"gross_margin", "gross margin", "", 4, {}};
  const Comparison c = compare({{"gross_margin", {0.5, 0.6}}}, none);
  CHECK(c.published);
  CHECK_FALSE(c.inside);
  CHECK_FALSE(c.relative.has_value());
}

TEST_CASE("a figure that nobody published is compared with nothing") {
  CHECK_FALSE(compare({}, {"requests", "requests", "", 0, 1.0}).published);
}

}  // namespace
}  // namespace tideline::report
