#include "calib/fit/versions.h"

#include "tests/doctest.h"
#include "tests/unit/calib/synthetic.h"

namespace tideline::calib {
namespace {

// v2 takes 20 % longer everywhere; one kernel was measured with both, another with v2 alone.
std::vector<Record> records() {
  return together({curve(4096, 7168, "v1"), curve(4096, 7168, "v2", 1.2), curve(24576, 1536, "v2", 1.2)});
}

// Of the mean of both versions.
const double kSlower = 0.5 * std::log(1.2);

TEST_CASE("how much slower a version is comes from places that both were measured at, to three quarters") {
  const Versions v(dense(), truth(), records());
  const kernels::Coordinates elsewhere{24576, 1536, 1, 128};
  CHECK(v.log_factor("v2", elsewhere) > 0.75 * kSlower);
  CHECK(v.log_factor("v2", elsewhere) < kSlower);
  CHECK(v.log_factor("v1", elsewhere) == testing::about(-v.log_factor("v2", elsewhere)));
  CHECK(v.spread(records()) > 0.75 * kSlower);
  CHECK(v.spread(records()) < kSlower);
}

TEST_CASE("on a level, a curve of one version stands nearer to the mean of both, by two thirds or more") {
  const Versions v(dense(), truth(), records());
  for (const Record& r : v.on_a_level(records())) {
    const double off = std::log(r.time / truth()(dense().work_of(r.at))) - kSlower;
    CHECK(std::abs(off) < kSlower / 3.0);
  }
}

TEST_CASE("a single version, or one never measured beside another, is left as it is") {
  const Versions v(dense(), truth(), curve(4096, 7168, "v1"));
  CHECK(v.log_factor("v1", {4096, 7168, 1, 64}) == 0.0);
  CHECK(v.spread(curve(4096, 7168, "v1")) == 0.0);
  CHECK(Versions(dense(), truth(), records()).log_factor("v3", {4096, 7168, 1, 64}) == 0.0);
}

}  // namespace
}  // namespace tideline::calib
