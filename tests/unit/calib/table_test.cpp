#include "calib/fit/table.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/base/error.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

std::string written(const std::string& text) {
  const auto path = testing::scratch("table.csv");
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

template <class Read>
std::string mistake(const std::string& text, Read read) {
  try {
    read(Table::load(written(text)));
  } catch (const InputError& e) {
    const Problem& p = e.problems().front();
    return std::to_string(p.line) + ":" + std::to_string(p.column) + ": " + p.message;
  }
  return "";
}

std::string mistake(const std::string& text) {
  return mistake(text, [](const Table& t) { (void)t.positive(0, "time_us"); });
}

TEST_CASE("comments are passed over and columns go by name") {
  const Table t =
      Table::load(written("# where from\nsource,date,time_us\nx,2025-02-25,3.5\n\ny,2025-02-26,4\n"));
  REQUIRE(t.rows() == 2);
  CHECK(t.text(1, "source") == "y");
  CHECK(t.number(0, "time_us") == 3.5);
}

TEST_CASE("a mistake is placed") {
  CHECK(mistake("source,date,time_us\nx,2025-02-25\n") == "2:1: a row of 2 fields in a table of 3 columns");
  CHECK(mistake("source,date,time_us\nx,,5\n") == "2:1: a measurement without its date");
  CHECK(mistake("source,date,time_us\nx,2025-02-25,5us\n") ==
        "2:14: column \"time_us\" wants a number, found \"5us\"");
  for (const std::string none : {"nan", "inf", "1e999"})
    CHECK(mistake("source,date,time_us\nx,2025-02-25," + none + "\n") ==
          "2:14: column \"time_us\" wants a number, found \"" + none + "\"");
  for (const std::string none : {"0", "-5"})
    CHECK(mistake("source,date,time_us\nx,2025-02-25," + none + "\n") ==
          "2:14: column \"time_us\" wants a number above 0, found \"" + none + "\"");
  CHECK(mistake("# a remark\nsource,date,time_us\n") == "0:0: this table has no rows");
  CHECK(mistake("source,date,m\nx,2025-02-25,5\n") == "0:0: this table lacks the column \"time_us\"");
}

TEST_CASE("what is counted is whole") {
  const auto whole = [](const std::string& text) {
    return mistake("source,date,m\nx,2025-02-25," + text + "\n",
                   [](const Table& t) { (void)t.whole(0, "m"); });
  };
  CHECK(whole("64") == "");
  for (const std::string none : {"0", "0.5", "64.5", "-1", "1e300"})
    CHECK(whole(none) == "2:14: column \"m\" wants a whole number of 1 or more, found \"" + none + "\"");
}

TEST_CASE("a missing table is an error that names it") {
  CHECK_THROWS_WITH_AS(Table::load("no/such.csv"),
                       "no/such.csv: error: this table of measurements cannot be read\n", InputError);
}

}  // namespace
}  // namespace tideline::calib
