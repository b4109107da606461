#include "sim/kernels/backbone.h"

#include "tests/doctest.h"

namespace tideline::kernels {
namespace {

using namespace literals;

const Backbone kBackbone{.peak = FlopPerSecond(1e15),
                         .bandwidth = BytesPerSecond(3e12),
                         .t0 = 5.0_us,
                         .ec = 0.5,
                         .em = 0.8,
                         .p = 2.0};

TEST_CASE("a kernel with nothing to do takes the fixed cost") {
  CHECK(kBackbone({Flop(0), Bytes(0)}) == 5.0_us);
}

TEST_CASE("far from the ridge only the longer side counts") {
  CHECK(kBackbone({Flop(1e12), Bytes(1)}).value() == doctest::Approx(5e-6 + 1e12 / 5e14).scale(0.0));
  CHECK(kBackbone({Flop(1), Bytes(3e9)}).value() == doctest::Approx(5e-6 + 3e9 / 2.4e12).scale(0.0));
}

TEST_CASE("on the ridge both sides are joined by the p-norm") {
  const Seconds each(1e-3);
  const Work w{FlopPerSecond(5e14) * each, BytesPerSecond(2.4e12) * each};
  CHECK(kBackbone(w).value() == doctest::Approx(5e-6 + 1e-3 * std::sqrt(2.0)).scale(0.0));
}

TEST_CASE("each step along k adds to the fixed cost, however small the rest") {
  Backbone b = kBackbone;
  b.t1 = 0.1_us;
  CHECK(b({Flop(0), Bytes(0), 56}).value() == doctest::Approx(5e-6 + 56 * 0.1e-6).scale(0.0));
}

TEST_CASE("half the SMs double the compute time and leave the memory time alone") {
  CHECK(kBackbone({Flop(1e12), Bytes(0)}, 0.5).value() == doctest::Approx(5e-6 + 2 * 1e12 / 5e14).scale(0.0));
  CHECK(kBackbone({Flop(0), Bytes(3e9)}, 0.5).value() == doctest::Approx(5e-6 + 3e9 / 2.4e12).scale(0.0));
}

TEST_CASE("the roofline is the longer of arithmetic at the peak and data at the bandwidth, and a floor") {
  const Work w{Flop(1e12), Bytes(3e9)};
  CHECK(kBackbone.roofline(w).value() == doctest::Approx(1e-3).scale(0.0));
  CHECK(kBackbone.roofline(w) < kBackbone(w));
}

}  // namespace
}  // namespace tideline::kernels
