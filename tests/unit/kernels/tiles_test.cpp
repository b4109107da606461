#include "sim/kernels/tiles.h"

#include <algorithm>
#include <vector>

#include "sim/kernels/family.h"
#include "sim/kernels/shapes.h"
#include "tests/doctest.h"

namespace tideline::kernels {
namespace {

void check_tile(double m, double n, int rows, int columns, double waves) {
  CAPTURE(m);
  const Tile t = tile_of(m, n, 132);
  CHECK(t.rows == rows);
  CHECK(t.columns == columns);
  CHECK(t.waves == waves);
}

TEST_CASE("the tile is that of the fewest waves, then of the fullest last wave") {
  check_tile(256, 7168, 128, 112, 1);  // 2 x 64 tiles on 132 SMs
  check_tile(512, 7168, 256, 112, 1);  // 128 tiles again, twice as large
  check_tile(1024, 7168, 256, 112, 2);
  check_tile(4096, 7168, 256, 128, 7);
  check_tile(1024, 4096, 256, 128, 1);
  check_tile(16, 576, 64, 16, 1);
}

TEST_CASE("whole tiles in whole waves hold the product, and name their dear parts") {
  const auto least = [](double m, double n, double k) { return Flop(2.0 * m * n * k); };
  for (const double m : {1.0, 100.0, 512.0, 5000.0})
    for (const double n : {576.0, 7168.0, 129280.0})
      CHECK(in_tiles(m, n, 7168, 132).all >= least(m, n, 7168));
  const Executed straddling = in_tiles(512, 7168, 16384, 132), aligned = in_tiles(1024, 4096, 7168, 132);
  CHECK(straddling.two_scales == straddling.all);
  CHECK(aligned.two_scales == Flop(0.0));
  CHECK(aligned.one_group == Flop(0.0));
  CHECK(in_tiles(16, 4096, 7168, 132).one_group > Flop(0.0));
  CHECK(aligned.waves == 1);
}

TEST_CASE("each wave walks along k anew, fills and stores; on fewer SMs there are more of them") {
  const Backbone b{.peak = FlopPerSecond(1e30),
                   .bandwidth = BytesPerSecond(1e30),
                   .t0 = Seconds(4e-6),
                   .t1 = Seconds(5e-8),
                   .tiles = {.wave = Seconds(1.5e-6)},
                   .sms = 132};
  const auto waves = [&](double m, double share) {
    return (b(work_of(DenseGemm{m, 7168, 2048}), share) - b.t0) / Seconds(16 * 5e-8 + 1.5e-6);
  };
  CHECK(waves(512, 1.0) == testing::about(1.0));
  CHECK(waves(1024, 1.0) == testing::about(2.0));
  CHECK(waves(1024, 0.5) == testing::about(4.0));
}

TEST_CASE("twice the rows may take twice the time in one wave, and a measured curve still never falls") {
  const Backbone b{.peak = FlopPerSecond(1.979e15),
                   .bandwidth = BytesPerSecond(3.35e12),
                   .t0 = Seconds(4e-6),
                   .ec = 0.75,
                   .em = 0.9,
                   .p = 4.0,
                   .tiles = {.two_scales = 0.2, .one_group = 0.5, .wave = Seconds(1.5e-6)},
                   .sms = 132};
  const auto time = [&](double m) { return b(work_of(DenseGemm{m, 7168, 16384})); };
  CHECK(time(512) / time(256) > 1.7);
  CHECK(time(4928) < time(4800));  // a better tile for more rows
  std::vector<Sample> samples;
  for (const double m : {256.0, 1024.0, 8192.0}) samples.push_back({{7168, 16384, 1.0, m}, time(m)});
  const FamilyInfo& dense = kFamilies[static_cast<std::size_t>(FamilyId::kDenseGemm)];
  const Family family(b, dense.work_of, samples, {});
  Seconds before;
  for (double m = 256; m <= 8192; m += 32) {
    const Seconds t = family.time({7168, 16384, 1.0, m}).time;
    CHECK(t >= before * (1 - 1e-12));
    before = t;
  }
}

}  // namespace
}  // namespace tideline::kernels
