#include "calib/fit/merge.h"

#include <cmath>

#include "calib/fit/sources.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

Record record(double x, double us, const char* library = "v1") {
  return {{4096, 7168, 1, x}, "a table", library, Seconds(us * 1e-6)};
}

double us(const kernels::Sample& s) {
  return s.time.value() * 1e6;
}

TEST_CASE("runs of one version count once, by their median; versions count alike, by their geometric mean") {
  const Merged m = merge({record(64, 10), record(64, 10), record(64, 13), record(64, 40, "v2")});
  REQUIRE(m.samples.size() == 1);
  CHECK(us(m.samples[0]) == testing::about(20.0));
  CHECK(m.version_sd == testing::about(std::log(2.0)));
}

TEST_CASE("a curve that falls is pooled until it does not") {
  const Merged m = merge({record(1, 10), record(2, 14), record(4, 12), record(8, 20)});
  CHECK(us(m.samples[0]) == testing::about(10));
  CHECK(us(m.samples[1]) == testing::about(std::sqrt(14.0 * 12.0)));
  CHECK(us(m.samples[2]) == testing::about(std::sqrt(14.0 * 12.0)));
  CHECK(us(m.samples[3]) == testing::about(20));
  CHECK(m.outliers.empty());
}

TEST_CASE("what is moved by more than 30 % is named") {
  const Merged m = merge({record(1, 40), record(2, 10)});
  REQUIRE(m.outliers.size() == 2);
  CHECK(m.outliers[0] == "a 4096, b 7168, s 1, x 1: 40.0 us, taken as 20.0 us");
}

TEST_CASE("curves are not pooled with one another") {
  Record other = record(1, 5);
  other.at.s = 2;
  const Merged m = merge({record(1, 10), other});
  CHECK(us(m.samples[0]) == testing::about(10));
  CHECK(us(m.samples[1]) == testing::about(5));
}

TEST_CASE("a point stands on the records of its place, and on those of the places it was pooled with") {
  std::vector<Record> all{record(1, 10), record(2, 14), record(4, 12, "v2"), record(8, 20),
                          record(8, 20, "v2")};
  all[0].date = "2025-02-27";
  const std::vector<std::string> sources = cited(all);
  CHECK(sources == std::vector<std::string>{"a table (v1)", "a table (v2)", "a table, 2025-02-27 (v1)"});
  CHECK(sources_by_sample(merge(all).samples, all, sources).dump() == R"(["2","0 1","0 1","0 1"])");
}

}  // namespace
}  // namespace tideline::calib
