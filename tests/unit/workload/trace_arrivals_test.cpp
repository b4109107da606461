// Does a trace run at the pace that is asked for? Rate, copies, compression, loop, offset, classes.
#include <array>
#include <cmath>

#include "sim/workload/cached_arrivals.h"
#include "tests/doctest.h"
#include "tests/unit/workload/trace_file.h"

namespace tideline::workload::traces {
namespace {

// A request a second, n of them, of 513 tokens in two blocks each.
std::string seconds(int n) {
  std::string text;
  for (int i = 0; i < n; ++i)
    text += R"({"timestamp": )" + std::to_string(5000 + 1000 * i) +
            R"(, "input_length": 513, "output_length": )" + std::to_string(i + 1) + R"(, "hash_ids": [0, )" +
            std::to_string(i + 1) + "]}\n";
  return text;
}

double second_of(const ChainedRequest& r) {
  return to_seconds(r.arrival.at).value();
}

TEST_CASE("a trace begins at once, keeps its gaps and ends") {
  const TraceFile file(seconds(10));
  const TraceLoad load = load_of(file.path());
  CHECK(load.format == "mooncake");
  CHECK(load.contents.requests == 10);
  CHECK(load.contents.period_ns == 10 * kNsPerSecond);
  const auto requests = requests_of(load);
  REQUIRE(requests.size() == 10);
  CHECK(second_of(requests[0]) == 0.0);
  CHECK(second_of(requests[9]) == 9.0);
  CHECK(requests[9].arrival.lengths.output == 10);
  CHECK(requests[9].chain.size() == 2);
}

TEST_CASE("an offset leaves out the beginning; a loop goes on where the trace ends") {
  const TraceFile file(seconds(10));
  const auto rest = requests_of(load_of(file.path(), R"(, "offset": "6.5 s")"));
  REQUIRE(rest.size() == 3);
  CHECK(second_of(rest[0]) == 0.5);
  CHECK(rest[0].arrival.lengths.output == 8);

  const auto looped = requests_of(load_of(file.path(), R"(, "loop": true)"), 25);
  REQUIRE(looped.size() == 25);
  CHECK(second_of(looped[24]) == 24.0);
  CHECK(looped[24].arrival.lengths.output == 5);
  CHECK(looped[14].chain[0].id != looped[4].chain[0].id);  // of other users
}

TEST_CASE("what the offset leaves out does not come back: in no copy, and in no round of a loop") {
  const TraceFile file(seconds(100));
  const auto copies =
      requests_of(load_of(file.path(), R"(, "offset": "40 s", "rate": 2, "copy_shift": "25 s")"));
  REQUIRE(copies.size() == 120);
  for (const ChainedRequest& r : copies) CHECK(r.arrival.lengths.output > 40);
  CHECK(copies[1].arrival.lengths.output == 66);
  CHECK(second_of(copies[119]) == doctest::Approx(59.0));

  const auto looped = requests_of(load_of(file.path(), R"(, "offset": "98 s", "loop": true)"), 7);
  REQUIRE(looped.size() == 7);
  CHECK(second_of(looped[6]) == 6.0);
  CHECK(looped[6].arrival.lengths.output == 99);
  // Nothing is there in the gap after the last request.
  CHECK(requests_of(load_of(file.path(), R"(, "offset": "99.5 s", "loop": true)"), 1).empty());
}

TEST_CASE("prompts that begin alike are of one session, whatever their first block is called") {
  const TraceFile file(seconds(3));  // all begin with block 0
  const TraceLoad load = load_of(file.path());
  CachedArrivals source(make_trace_arrivals(load, 1, 0, Instant{0}), {}, Instant{0});
  std::array<Arrival, 3> arrivals;
  REQUIRE(source.read(arrivals) == 3);
  CHECK(arrivals[0].session != 0);
  CHECK(arrivals[1].session == arrivals[0].session);
}

TEST_CASE("twice the rate by copies: every request twice, ten minutes apart, of other users") {
  const TraceFile file(seconds(3600));
  const auto requests = requests_of(load_of(file.path(), R"(, "rate": 2)"));
  REQUIRE(requests.size() == 7200);
  CHECK(second_of(requests[1]) == 0.0);
  CHECK(requests[0].arrival.lengths.output == 1);
  CHECK(requests[1].arrival.lengths.output == 601);
  CHECK(requests[0].chain[0].id != requests[1].chain[0].id);
  CHECK(requests[7199].arrival.lengths.output == 600);  // the copy has gone round
}

TEST_CASE("copies of a trace that is short stand apart as far as it is long over their number") {
  const TraceFile file(seconds(10));
  const auto requests = requests_of(load_of(file.path(), R"(, "rate": 4)"));
  REQUIRE(requests.size() == 40);
  for (std::size_t i = 0; i < 4; ++i) {  // ten minutes apart they would all be at its beginning
    CHECK(second_of(requests[i]) == (i < 2 ? 0.0 : 0.5));
    CHECK(requests[i].arrival.lengths.output == std::array{1, 6, 4, 9}[i]);
  }
}

TEST_CASE("what comes later than any run lasts never comes, however often the trace goes round") {
  const std::string begin = R"({"timestamp": 0, "input_length": 9, "output_length": 1})";
  const TraceFile file(begin + "\n" + R"({"timestamp": 34000000000, "input_length": 9, "output_length": 2})" +
                       "\n");
  const auto requests = requests_of(load_of(file.path(), R"(, "loop": true)"));
  CHECK(requests.size() == 24);  // of 394 days each, and as long again: not for ever, through the clock's end
  for (std::size_t i = 1; i < requests.size(); ++i)
    CHECK(requests[i - 1].arrival.at < requests[i].arrival.at);
}

TEST_CASE("a trace that says when it begins keeps the time before its first request") {
  const std::string more = R"(, "input_length": 9, "output_length": 1)";
  const TraceFile file(R"({"timestamp": 2500)" + more + R"(, "trace_begins": 500})" + "\n" +
                       R"({"timestamp": 4500)" + more + "}\n");
  const auto requests = requests_of(load_of(file.path(), R"(, "loop": true)"), 4);
  REQUIRE(requests.size() == 4);
  CHECK(second_of(requests[0]) == 2.0);
  CHECK(second_of(requests[1]) == 4.0);
  CHECK(second_of(requests[2]) == 8.0);  // two gaps of 2 s and one more
  CHECK(second_of(requests_of(load_of(file.path(), R"(, "offset": "3 s")"))[0]) == 1.0);
}

TEST_CASE("half the rate by leaving out; half as much again by a thinned copy; a rate in requests a second") {
  const TraceFile file(seconds(4000));
  const auto count = [&](const std::string& rate) {
    return static_cast<double>(requests_of(load_of(file.path(), R"(, "rate": )" + rate)).size());
  };
  CHECK(count("0.5") == doctest::Approx(2000).epsilon(0.05));
  CHECK(count("1.5") == doctest::Approx(6000).epsilon(0.02));
  CHECK(count("\"3 req/s\"") == 12000);
}

TEST_CASE("compression divides the times") {
  const TraceFile file(seconds(10));
  const auto requests = requests_of(load_of(file.path(), R"(, "rate": 4, "scale_by": "compression")"));
  REQUIRE(requests.size() == 10);
  CHECK(second_of(requests[9]) == 2.25);
}

TEST_CASE("classes are told by the trace's own names") {
  const TraceFile file(
      "TIMESTAMP,ContextTokens,GeneratedTokens,CachedTokens,Class\n2025-02-27 12:00:00,10,1,4,chat\n"
      "2025-02-27 12:00:01,20,2,0,\"code, long\"\n");
  const auto requests = requests_of(load_of(file.path(), R"(, "classes": ["code, long", "chat"])"));
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].arrival.request_class == 1);
  CHECK(requests[0].arrival.lengths.cached == 4);
  CHECK(requests[1].arrival.request_class == 0);
}

TEST_CASE("lengths without times come as a Poisson process at the rate given") {
  const TraceFile file(
      R"([{"conversations": [{"from": "human", "value": "1234"}, {"from": "gpt", "value": "12"}]}])");
  const auto requests = requests_of(load_of(file.path(), R"(, "rate": "20 req/s", "loop": true)"), 20000);
  CHECK(second_of(requests.back()) == doctest::Approx(1000.0).epsilon(0.03));
}

}  // namespace
}  // namespace tideline::workload::traces
