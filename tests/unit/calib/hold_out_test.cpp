#include "calib/fit/hold_out.h"

#include "tests/doctest.h"
#include "tests/unit/calib/synthetic.h"

namespace tideline::calib {
namespace {

TEST_CASE("a slice is a curve, or a point where there are fewer than five curves") {
  CHECK(slices_of(six_kernels(0.1)).size() == 6);
  CHECK(slices_of(curve(4096, 7168, "v1")).size() == 9);
}

TEST_CASE("times that a backbone made are foretold for kernels that were held out") {
  const HeldOut h = hold_out(dense(), start(), slices_of(six_kernels(0.0)));
  CHECK(h.all().log().size() == 4 * 54);  // every slice once for each of four seeds
  CHECK(h.all().mean() < 0.01);
}

TEST_CASE(
    "what is particular to a kernel is an error when that kernel is held out, and not on its own curve") {
  const auto slices = slices_of(six_kernels(0.2));
  CHECK(hold_out(dense(), start(), slices).all().mean() > 0.03);
  const Fit fit = fit_records(dense(), start(), six_kernels(0.2));
  Errors points;
  for (const Errors& e : leave_points_out(dense(), fit, slices)) points.add(e);
  CHECK(points.log().size() == 6 * 7);
  CHECK(points.mean() < 0.02);
}

TEST_CASE("an interval that the other slices give holds what is like them, and not what is not") {
  const auto errors = [](double size) {
    Errors e;
    for (int i = 0; i < 10; ++i) e.add(Seconds(std::exp(i % 2 ? size : -size)), Seconds(1.0));
    return e;
  };
  CHECK(coverage({errors(0.10), errors(0.10), errors(0.10)}, 0.0) == 1.0);
  CHECK(coverage({errors(0.05), errors(0.05), errors(0.30)}, 0.0) == testing::about(2.0 / 3.0));
  CHECK(coverage({}, 0.03) == 0.0);
}

TEST_CASE("sigma is that of the interval which holds nine of ten more") {
  Errors e;
  for (int i = 1; i <= 11; ++i) e.add(Seconds(std::exp(0.01 * i)), Seconds(1.0));
  CHECK(e.sigma() == testing::about(0.11 / 1.645));
}

}  // namespace
}  // namespace tideline::calib
