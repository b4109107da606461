#include "sim/workload/arrivals.h"

#include <cmath>

#include "tests/doctest.h"

namespace tideline::workload {
namespace {

Workload read(const std::string& classes, const std::string& profile, const std::string& per_day,
              int first_hour) {
  const auto document =
      config::Document::parse(R"({"requests_per_day": )" + per_day + R"(, "hourly_profile": )" + profile +
                                  R"(, "classes": )" + classes + "}",
                              "test.json");
  Workload w = read_workload(document.root(), first_hour);
  document.finish();
  return w;
}

const std::string kFlat = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";
const std::string kOneClass =
    R"([{"name": "all", "input_tokens": {"constant": 100}, "output_tokens": {"constant": 7},
         "cached_fraction": 0.5}])";

TEST_CASE("arrivals are Poisson: count and spread of each minute agree") {
  const Workload w = read(kOneClass, kFlat, "864000", 0);  // 10 a second
  ArrivalStream stream(w, 1, 0, Instant{0});
  std::vector<double> minutes(600);
  for (Arrival a = stream.next(); a.at.ns < 600 * 60 * kNsPerSecond; a = stream.next())
    minutes[static_cast<std::size_t>(a.at.ns / (60 * kNsPerSecond))] += 1.0;
  double mean = 0.0, variance = 0.0;
  for (const double m : minutes) mean += m / 600.0;
  for (const double m : minutes) variance += (m - mean) * (m - mean) / 599.0;
  CHECK(mean == testing::about(600.0, 0.01));
  CHECK(variance / mean == testing::about(1.0, 0.2));  // 3 sigma of 600 minutes: 0.17
}

TEST_CASE("tokens that are asked for are answered, also where long answers are cut") {
  const std::string log_normal = R"("output_tokens": {"log_normal": {"mu": 6, "sigma": 1, "max": 30000}})";
  const std::string quantiles =
      R"("output_tokens": {"quantiles": {"probabilities": [0, 0.5, 1], "values": [1, 300, 5000]}})";
  for (const std::string& output : {log_normal, quantiles}) {
    const auto document = config::Document::parse(
        R"({"output_tokens_per_day": "86.4 Mtok", "hourly_profile": )" + kFlat +
            R"(, "classes": [{"name": "all", "output_max": 500, "input_tokens": {"constant": 9}, )" + output +
            "}]}",
        "test.json");
    const Workload w = read_workload(document.root(), 0);
    ArrivalStream stream(w, 7, 0, Instant{0});
    double tokens = 0.0;
    for (Arrival a = stream.next(); a.at.ns < 200 * 60 * kNsPerSecond; a = stream.next())
      tokens += a.lengths.output;
    CHECK(tokens == testing::about(200.0 * 60 * 1000, 0.01));  // 1000 a second
  }
}

TEST_CASE("a load next to nothing comes after any run, and is not looked for without end") {
  const std::string classes =
      R"([{"name": "a", "share": 1e-12, "input_tokens": {"constant": 1}, "output_tokens": {"constant": 1}},
          {"name": "b", "share": 1, "input_tokens": {"constant": 1}, "output_tokens": {"constant": 1}}])";
  const auto document =
      config::Document::parse(R"({"requests_per_day": 1, "only": ["a"], "hourly_profile": )" + kFlat +
                                  R"(, "classes": )" + classes + "}",
                              "test.json");
  const Workload w = read_workload(document.root(), 0);
  ArrivalStream stream(w, 7, 0, Instant{0});
  CHECK(stream.next().at.ns > 10000 * kNsPerHour);
  CHECK(stream.next().at.ns > 10000 * kNsPerHour);
}

TEST_CASE("each hour of the local day has its own rate, and an hour without load has no requests") {
  const std::string profile = "[0,0,0,0,0,0,0,0,0,0,3,1,0,0,0,0,0,0,0,0,0,0,0,0]";
  const Workload w = read(kOneClass, profile, "40000", 9);
  ArrivalStream stream(w, 5, 0, Instant{0});
  std::array<int, 26> hours{};
  for (Arrival a = stream.next(); a.at.ns < 26 * kNsPerHour; a = stream.next())
    ++hours[static_cast<std::size_t>(a.at.ns / kNsPerHour)];
  CHECK(hours[0] == 0);
  CHECK(hours[1] == testing::about(30000, 0.02));  // 10:00
  CHECK(hours[2] == testing::about(10000, 0.03));
  CHECK(hours[3] == 0);
  CHECK(hours[25] == testing::about(30000, 0.02));  // 10:00 of the next day
}

TEST_CASE("a request is the same wherever the stream starts counting its lengths") {
  const Workload w = read(
      R"([{"name": "a", "share": 0.25, "input_tokens": {"log_normal": {"mu": 6, "sigma": 1, "max": 9999}},
           "output_tokens": {"log_normal": {"mu": 5, "sigma": 1, "max": 9999}}},
          {"name": "b", "share": 0.75, "input_tokens": {"constant": 3}, "output_tokens": {"constant": 4}}])",
      kFlat, "86400", 0);
  ArrivalStream one(w, 9, 0, Instant{0}), again(w, 9, 0, Instant{0}), other(w, 10, 0, Instant{0});
  int first_class = 0, different = 0;
  for (int i = 0; i < 4000; ++i) {
    const Arrival a = one.next(), b = again.next(), c = other.next();
    CHECK(a.at == b.at);
    CHECK(a.lengths.input == b.lengths.input);
    different += a.at != c.at;
    first_class += a.request_class == 0;
  }
  CHECK(different > 3990);
  CHECK(first_class == testing::about(1000, 0.1));
}

TEST_CASE("a conversation's prompt grows by turns and its cache holds the turn before") {
  const Workload w = read(
      R"([{"name": "chat", "output_tokens": {"constant": 50},
           "conversation": {"user_message": {"constant": 10}, "visible_answer": {"constant": 30},
                            "turn_survivors": [1.0, 0.5, 0.25], "turn_tail_ratio": 0.0}}])",
      kFlat, "86400", 0);
  ArrivalStream stream(w, 2, 0, Instant{0});
  std::array<int, 3> turns{};
  for (int i = 0; i < 7000; ++i) {
    const Lengths l = stream.next().lengths;
    const int turn = (l.input - 10) / 40;
    REQUIRE(turn < 3);
    CHECK(l.input == 10 + 40 * turn);
    CHECK(l.cached == (turn == 0 ? 0 : l.input - 40));
    ++turns[static_cast<std::size_t>(turn)];
  }
  CHECK(turns[0] == testing::about(4000, 0.05));
  CHECK(turns[2] == testing::about(1000, 0.1));
}

}  // namespace
}  // namespace tideline::workload
