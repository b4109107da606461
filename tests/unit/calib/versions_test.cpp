#include "calib/fit/versions.h"

#include "tests/doctest.h"
#include "tests/unit/calib/synthetic.h"

namespace tideline::calib {
namespace {

// v2 takes 20 % longer everywhere; one kernel was measured with both, another with v2 alone.
std::vector<Record> records() {
  return together({curve(4096, 7168, "v1"), curve(4096, 7168, "v2", 1.2), curve(24576, 1536, "v2", 1.2)});
}

TEST_CASE("how much slower a version is comes from the places that both were measured at") {
  const Versions v(dense(), truth(), records());
  const kernels::Coordinates elsewhere{24576, 1536, 1, 128};
  CHECK(v.log_factor("v2", elsewhere) == doctest::Approx(0.5 * std::log(1.2)).epsilon(0.3));
  CHECK(v.log_factor("v1", elsewhere) == doctest::Approx(-v.log_factor("v2", elsewhere)));
  CHECK(v.spread(records()) == doctest::Approx(0.5 * std::log(1.2)).epsilon(0.3));
}

TEST_CASE("on a level, a curve of one version stands where the mean of both would") {
  const Versions v(dense(), truth(), records());
  for (const Record& r : v.on_a_level(records()))
    CHECK(r.time / truth()(dense().work_of(r.at)) == doctest::Approx(std::sqrt(1.2)).epsilon(0.03));
}

TEST_CASE("a single version, or one never measured beside another, is left as it is") {
  const Versions v(dense(), truth(), curve(4096, 7168, "v1"));
  CHECK(v.log_factor("v1", {4096, 7168, 1, 64}) == 0.0);
  CHECK(v.spread(curve(4096, 7168, "v1")) == 0.0);
  CHECK(Versions(dense(), truth(), records()).log_factor("v3", {4096, 7168, 1, 64}) == 0.0);
}

}  // namespace
}  // namespace tideline::calib
