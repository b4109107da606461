#include "sim/metrics/series.h"

#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

// The end of a turn: two of three prefill units busy throughout, 100 tokens a second.
fleet::Sample second(std::int64_t n) {
  fleet::Sample s;
  s.at = {n * kNsPerSecond};
  s.prefill = {.units = {.serving = 3, .starting = 1, .down = 0},
               .waiting = n,
               .computing = 4,
               .busy_ns = 2 * n * kNsPerSecond,
               .passes = 2 * n,
               .tokens = 300.0 * static_cast<double>(n),
               .first_tokens = 10 * n};
  s.decode = {.units = {.serving = 2, .starting = 0, .down = 1},
              .waiting = 0,
              .moving = 1,
              .on_ranks = 50,
              .kv_mean = 0.25,
              .kv_fullest = n == 30 ? 0.9 : 0.5,
              .stepping_ns = n * kNsPerSecond,
              .tokens = 90.0 * static_cast<double>(n)};
  return s;
}

TEST_CASE("what stands somewhere is the mean over the turns of a minute, the fullest rank the most of them") {
  Series series({2 * 60 * kNsPerSecond});
  for (std::int64_t n = 1; n <= 60; ++n) series.sampled(second(n));
  const auto minutes = series.minutes();
  REQUIRE(minutes.size() == 2);
  const Minute& m = minutes[0];
  CHECK(m.prefill_waiting == 30.5);
  CHECK(m.prefill_computing == 4.0);
  CHECK(m.on_ranks == 50.0);
  CHECK(m.kv_mean == 0.25);
  CHECK(m.kv_fullest == 0.9);
  CHECK(m.prefill_units.serving == 3.0);
  CHECK(m.prefill_units.starting == 1.0);
  CHECK(m.decode_units.down == 1.0);
  CHECK(minutes[1].on_ranks == 0.0);
}

TEST_CASE("busy shares are of the unit time that serves, tokens are those of the minute") {
  Series series({2 * 60 * kNsPerSecond});
  for (std::int64_t n = 1; n <= 120; ++n) series.sampled(second(n));
  for (const Minute& m : series.minutes()) {
    CHECK(m.prefill_busy == doctest::Approx(2.0 / 3.0));
    CHECK(m.decode_busy == 0.5);
    CHECK(m.output_tokens == 6000.0);
    CHECK(m.prefill_passes == 120);
    CHECK(m.prefill_tokens == 18000.0);
  }
}

TEST_CASE("arrivals count in their minute, answers in that of their last token, and the warm-up in none") {
  Series series({2 * 60 * kNsPerSecond});
  for (const std::int64_t s : {-1, 0, 59, 60, 120})
    series.arrived({{s * kNsPerSecond}, 0, 0, {.input = 10, .cached = 4, .output = 2}});
  Attainment good;
  good.good = 1, good.good_output_tokens = 2;
  series.finished({.id = 0,
                   .arrival = {-5},
                   .first_token = {0},
                   .last_token = {61 * kNsPerSecond},
                   .input = 10,
                   .cached = 4,
                   .output = 2,
                   .request_class = 0},
                  good);
  const auto minutes = series.minutes();
  CHECK(minutes[0].arrivals == 2);
  CHECK(minutes[0].input_hit_tokens == 8);
  CHECK(minutes[0].input_miss_tokens == 12);
  CHECK(minutes[1].arrivals == 1);
  CHECK(minutes[0].finished == 0);
  CHECK(minutes[1].finished == 1);
  CHECK(minutes[1].good_output_tokens == 2);
}

TEST_CASE("minutes together: counts are sums, stays are means, use is of the units that served") {
  Minute a, b;
  a.arrivals = 3, b.arrivals = 5;
  a.prefill_passes = 2, b.prefill_passes = 2;
  a.prefill_tokens = 700.0, b.prefill_tokens = 100.0;
  a.on_ranks = 10.0, b.on_ranks = 20.0;
  a.kv_fullest = 0.9, b.kv_fullest = 0.4;
  a.decode_units.serving = 3.0, b.decode_units.serving = 1.0;
  a.decode_busy = 1.0, b.decode_busy = 0.0;
  const Minute both = together(std::vector{a, b});
  CHECK(both.arrivals == 8);
  CHECK(both.prefill_passes == 4);
  CHECK(both.prefill_tokens == 800.0);
  CHECK(both.on_ranks == 15.0);
  CHECK(both.kv_fullest == 0.9);
  CHECK(both.decode_units.serving == 2.0);
  CHECK(both.decode_busy == 0.75);
  CHECK(together({}).on_ranks == 0.0);
}

}  // namespace
}  // namespace tideline::metrics
