#include "calib/fit/bootstrap.h"

#include <cmath>

#include "tests/doctest.h"
#include "tests/unit/calib/synthetic.h"

namespace tideline::calib {
namespace {

double sigma(double spread) {
  return bootstrap_sigma(dense(), start(), fit_records(dense(), start(), six_kernels(spread)));
}

TEST_CASE(
    "six kernels that agree say nothing of an error they share; the more they differ, the more they do") {
  CHECK(sigma(0.0) < 0.002);
  // Of six values evenly from -0.2 to 0.2, the mean of six draws has a deviation of 0.137 / sqrt(6). They
  // rise with the kernel, and a part of that the backbone takes up.
  const double of_the_mean = 0.137 / std::sqrt(6.0);
  CHECK(sigma(0.2) > 0.5 * of_the_mean);
  CHECK(sigma(0.2) < of_the_mean);
  CHECK(sigma(0.1) < sigma(0.2));
}

TEST_CASE("the same records give the same sigma") {
  CHECK(sigma(0.2) == sigma(0.2));
}

}  // namespace
}  // namespace tideline::calib
