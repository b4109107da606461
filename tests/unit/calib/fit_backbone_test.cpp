#include "calib/fit/fit_backbone.h"

#include <vector>

#include "tests/doctest.h"

namespace tideline::calib {
namespace {

using kernels::Backbone;

const Backbone kTruth{.peak = FlopPerSecond(1.979e15),
                      .bandwidth = BytesPerSecond(3.35e12),
                      .t0 = Seconds(6e-6),
                      .ec = 0.71,
                      .em = 0.86,
                      .p = 2.4,
                      .t1 = Seconds(6e-8)};

std::vector<Observation> observe(const Backbone& truth) {
  std::vector<Observation> observations;
  for (double m = 16; m <= 32768; m *= 2)
    for (const double n : {576.0, 4096.0, 24576.0})
      for (const double k : {512.0, 7168.0}) {
        const kernels::Work w{Flop(2 * m * n * k), Bytes(m * k + n * k + 2 * m * n), k / 128, m, n};
        observations.push_back({w, truth(w)});
      }
  return observations;
}

Backbone start() {
  Backbone b;
  b.peak = kTruth.peak, b.bandwidth = kTruth.bandwidth;
  return b;
}

TEST_CASE("a backbone that made the times is found again") {
  const Backbone found = fit_backbone(start(), observe(kTruth));
  CHECK(found.t0.value() == testing::about(kTruth.t0.value(), 1e-3));
  CHECK(found.t1.value() == testing::about(kTruth.t1.value(), 1e-3));
  CHECK(found.ec == testing::about(kTruth.ec, 1e-3));
  CHECK(found.em == testing::about(kTruth.em, 1e-3));
  CHECK(found.p == testing::about(kTruth.p, 1e-2));
}

TEST_CASE("what tiles cost is found again beside it") {
  Backbone truth = kTruth, from = start();
  truth.tiles = {.two_scales = 0.2, .one_group = 0.5, .wave = Seconds(1.5e-6)};
  truth.sms = from.sms = 132;
  const Backbone found = fit_backbone(from, observe(truth));
  CHECK(found.tiles.two_scales == testing::about(0.2, 0.02));
  CHECK(found.tiles.one_group == testing::about(0.5, 0.02));
  CHECK(found.tiles.wave.value() == testing::about(1.5e-6, 0.02));
  CHECK(found.ec == testing::about(truth.ec, 0.01));
}

TEST_CASE("one wild point in seventy does not bend it by more than 1 %") {
  auto observations = observe(kTruth);
  observations[40].time *= 3.0;
  const Backbone found = fit_backbone(start(), observations);
  CHECK(found.ec == testing::about(kTruth.ec, 0.01));
  CHECK(found.em == testing::about(kTruth.em, 0.01));
}

}  // namespace
}  // namespace tideline::calib
