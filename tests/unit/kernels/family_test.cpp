#include "sim/kernels/family.h"

#include <cmath>
#include <string>
#include <vector>

#include "tests/doctest.h"

namespace tideline::kernels {
namespace {

using namespace literals;

const Backbone kBackbone{.peak = FlopPerSecond(1e15),
                         .bandwidth = BytesPerSecond(3e12),
                         .t0 = 5.0_us,
                         .ec = 0.7,
                         .em = 0.8,
                         .p = 2.0};

Work product(const Coordinates& c) {
  const double n = static_cast<double>(c.a), k = static_cast<double>(c.b);
  return {Flop(2 * c.s * c.x * n * k), Bytes(c.s * (c.x * k + n * k + 2 * c.x * n))};
}

// Every sample is the backbone times `factor`, but one on request.
std::vector<Sample> curve(std::int64_t a, std::int64_t b, double s, double factor) {
  std::vector<Sample> samples;
  for (double x = 16; x <= 4096; x *= 4) {
    const Coordinates at{a, b, s, x};
    samples.push_back({at, kBackbone(product(at)) * factor});
  }
  return samples;
}

Family family(const std::vector<std::vector<Sample>>& curves) {
  std::vector<Sample> all;
  for (const auto& c : curves) all.insert(all.end(), c.begin(), c.end());
  return {kBackbone, product, all, {.known = 0.05, .unknown = 0.2, .beyond = 0.1}};
}

TEST_CASE("what was measured is answered as it was measured") {
  const auto samples = curve(4096, 7168, 1, 1.3);
  const Family f = family({samples});
  for (const Sample& s : samples) {
    const Answer a = f.time(s.at);
    CHECK(a.time.value() == testing::about(s.time.value()));
    CHECK(a.provenance == Provenance::kMeasured);
    CHECK(a.sigma == 0.05);
  }
}

TEST_CASE("between two points of a curve the correction of both ends carries over") {
  const Family f = family({curve(4096, 7168, 1, 1.3)});
  const Coordinates at{4096, 7168, 1, 500};
  CHECK(f.time(at).time.value() == testing::about(1.3 * kBackbone(product(at)).value(), 0.03));
  CHECK(f.time(at).provenance == Provenance::kInterpolated);
}

TEST_CASE("on a curve time never falls, whatever its points say of the backbone") {
  auto samples = curve(4096, 7168, 1, 1.0);
  samples[2].time = samples[1].time;  // flat where the backbone rises
  samples[3].time = samples[1].time * 1.01;
  const Family f = family({samples});
  Seconds before;
  for (double x = 8; x < 9000; x *= 1.03) {
    const Seconds t = f.time({4096, 7168, 1, x}).time;
    CHECK(t >= before * (1 - 1e-12));
    before = t;
  }
}

TEST_CASE("beyond the last point the correction stays, and the answer says so, with an error of its own") {
  const Family f = family({curve(4096, 7168, 1, 1.2)});
  const Coordinates far{4096, 7168, 1, 65536};
  CHECK(f.time(far).time.value() == testing::about(1.2 * kBackbone(product(far)).value()));
  CHECK(f.time(far).provenance == Provenance::kExtrapolated);
  CHECK(f.time(far).sigma == 0.1);
}

TEST_CASE("between two curves of one kernel the correction is linear in the logarithm of s") {
  const Family f = family({curve(4096, 7168, 2, 1.1), curve(4096, 7168, 8, 1.3)});
  const Coordinates at{4096, 7168, 4, 256};
  CHECK(f.time(at).time.value() ==
        testing::about(std::sqrt(1.1 * 1.3) * kBackbone(product(at)).value(), 1e-6));
}

TEST_CASE(
    "a kernel never measured takes what its neighbours say, the nearer the more, and the larger error") {
  const Family f = family({curve(4096, 7168, 1, 1.2), curve(7168, 2048, 1, 1.2)});
  const auto correction = [&](const Coordinates& at) { return f.time(at).time / kBackbone(product(at)); };
  const Coordinates next{4100, 7168, 1, 256}, near{5120, 5120, 1, 256}, far{576, 128, 1, 256};
  CHECK(correction(next) == testing::about(1.2, 0.001));
  CHECK(correction(near) > 1.1);
  CHECK(correction(near) < 1.2);
  CHECK(correction(far) > 1.0);
  CHECK(correction(far) < correction(near));
  CHECK(f.time(near).provenance == Provenance::kNeighbours);
  CHECK(f.time(near).sigma == 0.2);
}

TEST_CASE("with too few points to ask, the backbone answers and calls itself assumed") {
  auto few = curve(4096, 7168, 1, 2.0);
  few.resize(3);
  const Family f = family({few});
  const Coordinates at{1024, 1024, 1, 64};
  CHECK(f.time(at).time == kBackbone(product(at)));
  CHECK(f.time(at).provenance == Provenance::kAssumed);
}

TEST_CASE("no answer is below 98 % of the roofline") {
  const Family f = family({curve(4096, 7168, 1, 0.1)});
  const Answer a = f.time({4096, 7168, 1, 256});
  CHECK(a.time.value() == testing::about(0.98 * a.roofline.value()));
  CHECK(a.provenance == Provenance::kRoofline);
}

TEST_CASE("an answer stands on the points that it lies at or between") {
  const Family f = family({curve(4096, 7168, 1, 1.3), curve(4096, 7168, 4, 1.1), curve(512, 512, 1, 1.2)});
  const auto xs = [&](const Coordinates& at) {
    std::string out;
    for (const Coordinates& c : f.stands_on(at))
      out += (out.empty() ? "" : " ") + std::to_string(std::lround(c.s)) + ":" +
             std::to_string(std::lround(c.x));
    return out;
  };
  CHECK(xs({4096, 7168, 1, 64}) == "1:64");
  CHECK(xs({4096, 7168, 1, 65}) == "1:64 1:256");
  CHECK(xs({4096, 7168, 1, 1}) == "1:16");
  CHECK(xs({4096, 7168, 1, 1e6}) == "1:4096");
  CHECK(xs({4096, 7168, 2, 100}) == "1:64 1:256 4:64 4:256");
  CHECK(xs({4096, 7168, 8, 256}) == "4:256");
  CHECK(f.stands_on({2048, 7168, 1, 64}).size() == 8);
  CHECK(family({curve(512, 512, 1, 1.2)}).stands_on({2048, 7168, 1, 64}).empty());  // the backbone's alone
  CHECK(family({}).stands_on({2048, 7168, 1, 64}).empty());
}

}  // namespace
}  // namespace tideline::kernels
