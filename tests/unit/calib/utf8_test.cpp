#include "calib/import/utf8.h"

#include <doctest/doctest.h>

using tideline::calib::as_utf8;

TEST_CASE("a text of whole characters stays as it is") {
  for (const std::string text :
       {"", "gemm<64>", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8C\x8A", "\xED\x9F\xBF"})
    CHECK(as_utf8(text) == text);
}

TEST_CASE("a byte of no character is replaced, and what follows is kept") {
  const std::string mark = "\xEF\xBF\xBD";
  CHECK(as_utf8("a\xFFz") == "a" + mark + "z");
  CHECK(as_utf8("caf\xE9") == "caf" + mark);                        // Latin-1
  CHECK(as_utf8("\xC0\xAF") == mark + mark);                        // overlong
  CHECK(as_utf8("\xED\xA0\x80") == mark + mark + mark);             // a surrogate
  CHECK(as_utf8("\xF4\x90\x80\x80") == mark + mark + mark + mark);  // beyond U+10FFFF
  CHECK(as_utf8("\xE2\x82") == mark + mark);                        // cut short
}

TEST_CASE("a text is cut between characters, never within one") {
  CHECK(as_utf8("a\xE2\x82\xAC", 4) == "a\xE2\x82\xAC");
  CHECK(as_utf8("a\xE2\x82\xAC", 3) == "a");
  CHECK(as_utf8("a\xFF", 3) == "a");
}
