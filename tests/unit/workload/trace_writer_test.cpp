// Is what the exporter writes what the readers read? Every format, request by request.
#include <sstream>

#include "sim/workload/traces/decimal.h"
#include "sim/workload/traces/writer.h"
#include "tests/doctest.h"
#include "tests/unit/workload/trace_file.h"

namespace tideline::workload::traces {
namespace {

class Given : public ArrivalSource {
 public:
  explicit Given(std::vector<Arrival> arrivals) : arrivals_(std::move(arrivals)) {}
  std::size_t read(std::span<Arrival> arrivals) override {
    std::size_t n = 0;
    while (n < arrivals.size() && next_ < arrivals_.size()) arrivals[n++] = arrivals_[next_++];
    return n;
  }

 private:
  std::vector<Arrival> arrivals_;
  std::size_t next_ = 0;
};

std::vector<Arrival> some(std::uint64_t n) {
  std::vector<Arrival> arrivals;
  const RandomStream words(1, 0, Purpose::kRequest);
  Instant at{};
  for (std::uint64_t i = 0; i < n; ++i) {
    const PhiloxBlock w = words.block(i);
    at.ns += w[0];
    const auto input = static_cast<std::int32_t>(1 + w[1] % 100000);
    arrivals.push_back(
        {.at = at,
         .id = i,
         .request_class = static_cast<std::uint8_t>(w[2] % 2),
         .lengths = {.input = input,
                     .cached = static_cast<std::int32_t>(w[3] % static_cast<std::uint32_t>(input)),
                     .output = static_cast<std::int32_t>(1 + w[2] % 3000)}});
  }
  return arrivals;
}

TEST_CASE("what is written is read back to the nanosecond") {
  const auto arrivals = some(3000);
  for (const WriteFormat format : {WriteFormat::kAzure, WriteFormat::kMooncake}) {
    Given source(arrivals);
    std::ostringstream out;
    const WriteSettings settings{.format = format,
                                 .origin_ns = *date_ns("2025-02-27 12:00:00"),
                                 .begin = Instant{-1'800'000'000'007},
                                 .classes = {"chat", "code, \"long\""},
                                 .requests = {},
                                 .end = {}};
    CHECK(write_trace(source, settings, out) == 3000);
    const TraceFile file(out.str());
    const auto rows = rows_of(*open_trace(file.path(), {}));
    REQUIRE(rows.size() == arrivals.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(rows[i].at_ns - *rows[0].begins_ns == (arrivals[i].at - settings.begin).ns);
      REQUIRE(rows[i].input == arrivals[i].lengths.input);
      REQUIRE(rows[i].cached == arrivals[i].lengths.cached);
      REQUIRE(rows[i].output == arrivals[i].lengths.output);
      REQUIRE(rows[i].class_name == settings.classes[arrivals[i].request_class]);
    }
  }
}

TEST_CASE("as many as are asked for, and none after the end") {
  const auto written = [](std::optional<std::uint64_t> requests, std::optional<Instant> end) {
    Given source(some(2500));
    std::ostringstream out;
    return write_trace(source, {.classes = {"a", "b"}, .requests = requests, .end = end}, out);
  };
  CHECK(written(1500, {}) == 1500);
  CHECK(written(0, {}) == 0);
  CHECK(written({}, {}) == 2500);
  CHECK(written(9999, some(2500)[1234].at) == 1234);
}

TEST_CASE("the text, word for word") {
  Given source({{.at = Instant{1'500'000'001}, .id = 0, .request_class = 0, .lengths = {10, 4, 2}}});
  std::ostringstream out;
  write_trace(source,
              {.origin_ns = *date_ns("2025-02-28 23:59:59"), .classes = {"all"}, .requests = {}, .end = {}},
              out);
  CHECK(out.str() ==
        "TIMESTAMP,ContextTokens,GeneratedTokens,CachedTokens,Class,TraceBegins\n2025-03-01 "
        "00:00:00.500000001,10,2,4,all,2025-02-28 23:59:59.000000000\n");
}

TEST_CASE("decimal numbers and dates are read by their digits") {
  CHECK(scaled_decimal("12.5", 3) == 12500);
  CHECK(scaled_decimal("0.0005", 3) == 1);
  CHECK(scaled_decimal("-0.00049", 3) == 0);
  CHECK(scaled_decimal("9007199254740993", 0) == 9007199254740993);
  CHECK(scaled_decimal("1e3", 0) == 1000);
  for (const char* wrong : {"", ".", "1.2.3", "nan", "inf", "1 2", "0x1", "99999999999999999999", "+1"})
    CHECK_FALSE(scaled_decimal(wrong, 9));
  CHECK(date_ns("1970-01-01T00:00:01Z") == 1'000'000'000);
  CHECK(write_date(*date_ns("2024-02-29 23:59:59.000000001")) == "2024-02-29 23:59:59.000000001");
  for (const char* wrong : {"2024-02-30 00:00:00", "2024-13-01 00:00:00", "2024-01-01 24:00:00", "2024-01-01",
                            "2024-01-01 00:00:00.", "2024-01-01 00:00:00 PST", "0001-01-01 00:00:00"})
    CHECK_FALSE(date_ns(wrong));
}

}  // namespace
}  // namespace tideline::workload::traces
