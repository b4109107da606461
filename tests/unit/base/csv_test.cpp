#include "sim/base/csv.h"

#include <doctest/doctest.h>

namespace tideline {
namespace {

TEST_CASE("a field is in quotes where a comma, a quote or a line break would end it") {
  CHECK(csv_field("") == "");
  CHECK(csv_field("24 x h800-8") == "24 x h800-8");
  CHECK(csv_field("prefill, busy") == "\"prefill, busy\"");
  CHECK(csv_field("\"our\" price") == "\"\"\"our\"\" price\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field("two\rlines") == "\"two\rlines\"");
}

}  // namespace
}  // namespace tideline
