#include "sim/metrics/disturbance.h"

#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

// 600 prompts a minute that take 3 s, 6,000 answers that make 20 tokens a second each.
Minute calm() {
  Minute m;
  m.arrivals = 600, m.output_tokens = 6'000 * 20 * 60;
  m.prefill_computing = 30, m.on_ranks = 6'000;
  m.decode_units.serving = 9;
  return m;
}

// Two hours; a unit is down in minutes 60 to 89, and answers wait from then until minute 100.
std::vector<Minute> hours_with_a_loss() {
  std::vector<Minute> minutes(120, calm());
  for (std::size_t i = 60; i < 90; ++i) minutes[i].decode_units = {.serving = 8, .down = 1};
  for (std::size_t i = 60; i < 100; ++i) minutes[i].decode_waiting = i == 75 ? 12'000 : 6'000;
  return minutes;
}

TEST_CASE("a minute's times are requests over what goes through: 3 s to the first token, 50 ms a token") {
  const auto found = disturbances(hours_with_a_loss());
  REQUIRE(found.size() == 1);
  CHECK(found[0].first_token.before == testing::about(3.0));
  CHECK(found[0].token.before == testing::about(0.05));
}

TEST_CASE("a loss: from when to when, the worst minute, and when users are served as before") {
  const Disturbance d = disturbances(hours_with_a_loss()).at(0);
  CHECK(d.lost == 60);
  CHECK(d.whole == 90);
  CHECK(d.token.worst == testing::about(0.15));
  CHECK(d.token.worst_at == 75);
  CHECK(d.token.back == 100);
  CHECK(d.first_token.worst == 0.0);  // prefill never felt it
  CHECK(d.first_token.back == 60);
}

TEST_CASE("a calm before the unit is back is not the end: what comes after it belongs to the loss") {
  auto minutes = hours_with_a_loss();
  for (std::size_t i = 62; i < 75; ++i) minutes[i].decode_waiting = 0;
  const Disturbance d = disturbances(minutes).at(0);
  CHECK(d.token.worst_at == 75);
  CHECK(d.token.back == 100);
}

TEST_CASE("what is not over by the end of the window is not called over") {
  auto minutes = hours_with_a_loss();
  minutes.resize(80);
  const Disturbance d = disturbances(minutes).at(0);
  CHECK_FALSE(d.whole);
  CHECK_FALSE(d.token.back);
}

TEST_CASE("units that start are not lost, and a loss with nothing before it has nothing to be held against") {
  std::vector<Minute> minutes(60, calm());
  minutes[5].decode_units.down = 1;
  minutes[30].decode_units.starting = 1;
  CHECK(disturbances(minutes).empty());
  CHECK(disturbances({}).empty());
}

}  // namespace
}  // namespace tideline::metrics
