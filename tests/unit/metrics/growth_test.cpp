#include "sim/metrics/growth.h"

#include <functional>

#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

// A window of `seconds` with ten arrivals a second and a prefill queue of waiting(t) at second t.
std::vector<Growth> growths(std::int64_t seconds, const std::function<double(double)>& waiting) {
  Queues queues({seconds * kNsPerSecond});
  for (std::int64_t t = 0; t < seconds; ++t) {
    for (int i = 0; i < 10; ++i) queues.arrived({t * kNsPerSecond + i * 100'000'000});
    fleet::Sample s{.at = {(t + 1) * kNsPerSecond}, .prefill = {}, .decode = {}};
    s.prefill.waiting = static_cast<std::int64_t>(waiting(static_cast<double>(t) + 0.5));
    queues.sampled(s);
  }
  return queues.growths();
}

TEST_CASE("a queue that grows by one request a second of ten is an overload of a tenth") {
  const auto found = growths(300, [](double t) { return t; });
  REQUIRE(found.size() == 1);
  CHECK(found[0].stage == Phase::kPrefill);
  CHECK(found[0].from.ns == 0);
  CHECK(found[0].to.ns == 300 * kNsPerSecond);
  CHECK(found[0].first == 49.5);     // seconds 0 to 99
  CHECK(found[0].last == 249.5);     // seconds 200 to 299
  CHECK(found[0].arrivals == 2000);  // two thirds of 3,000
  CHECK(found[0].overload() == 0.1);
}

TEST_CASE("a long queue that does not grow is no overload") {
  CHECK(growths(300, [](double) { return 5000.0; }).empty());
}

TEST_CASE("a queue that came and went is no overload, however long it was") {
  CHECK(growths(300, [](double t) { return t < 100 || t > 200 ? 0.0 : 900.0; }).empty());
}

TEST_CASE("growth that chance explains is none: three times the root of what arrives") {
  // n = 2000: 3 sqrt(n) = 134 requests, more than 1 % of n. Growth is 200 times the slope.
  CHECK(growths(300, [](double t) { return 0.66 * t; }).empty());
  CHECK(growths(300, [](double t) { return 0.70 * t; }).size() == 1);
}

TEST_CASE("each hour is looked at by itself") {
  const auto found = growths(3 * 3600, [](double t) { return t < 3600 ? 0.0 : std::min(t - 3600, 3600.0); });
  REQUIRE(found.size() == 1);
  CHECK(found[0].from.ns == kNsPerHour);
  CHECK(found[0].overload() == testing::about(0.1));
}

}  // namespace
}  // namespace tideline::metrics
