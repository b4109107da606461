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

std::string mistake(const std::string& text) {
  try {
    (void)Table::load(written(text)).number(0, "time_us");
  } catch (const InputError& e) {
    return std::to_string(e.problems().front().line) + ": " + e.problems().front().message;
  }
  return "";
}

TEST_CASE("comments are passed over and columns go by name") {
  const Table t =
      Table::load(written("# where from\nsource,date,time_us\nx,2025-02-25,3.5\n\ny,2025-02-26,4\n"));
  REQUIRE(t.rows() == 2);
  CHECK(t.text(1, "source") == "y");
  CHECK(t.number(0, "time_us") == 3.5);
}

TEST_CASE("a mistake is placed") {
  CHECK(mistake("source,date,time_us\nx,2025-02-25\n") == "2: a row of 2 fields in a table of 3 columns");
  CHECK(mistake("source,date,time_us\nx,,5\n") == "2: a measurement without its date");
  CHECK(mistake("source,date,time_us\nx,2025-02-25,5us\n") ==
        "2: column \"time_us\" wants a number, found \"5us\"");
  CHECK(mistake("source,date,m\nx,2025-02-25,5\n") == "0: this table lacks the column \"time_us\"");
}

TEST_CASE("a missing table is an error that names it") {
  CHECK_THROWS_WITH_AS(Table::load("no/such.csv"),
                       "no/such.csv: error: this table of measurements cannot be read\n", InputError);
}

}  // namespace
}  // namespace tideline::calib
