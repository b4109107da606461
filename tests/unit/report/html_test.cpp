#include <array>
#include <cstdlib>
#include <fstream>

#include "sim/base/error.h"
#include "sim/report/html_report.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::report {
namespace {

const std::string kPage = "<script type=\"application/json\">{{data}}</script>";

std::string page_of(const std::string& json) {
  const std::array parts{HtmlPart{"result", json}};
  const std::string page = html(kPage, "tideline 0", parts);
  const std::size_t begin = page.find("\"result\":") + 9;
  return page.substr(begin, page.rfind("}</script>") - begin);
}

std::string said_of(const std::string& page_file) {
  setenv("TIDELINE_REPORT_PAGE", page_file.c_str(), 1);
  std::string said;
  try {
    html_page();
  } catch (const InputError& e) {
    said = e.what();
  }
  unsetenv("TIDELINE_REPORT_PAGE");
  return said;
}

TEST_CASE("digits stay as they are, blanks go where no text holds them") {
  CHECK(page_of("{\n  \"a b\": 0.10000000000000001,\n  \"c\": [1, 2.50]\n}\n") ==
        R"({"a b":0.10000000000000001,"c":[1,2.50]})");
}

TEST_CASE("a text that would end the script element, or hide it, cannot") {
  CHECK(page_of(R"({"q": "</script><!-- \" < \\"})") == R"({"q":"\u003c/script>\u003c!-- \" \u003c \\"})");
}

TEST_CASE("the page is told what writes it, and how headlines are written") {
  const std::string page = html(kPage, "tideline 0", {});
  CHECK(page.starts_with("<script type=\"application/json\">{\"program\":\"tideline 0\",\"figures\":[{"));
  CHECK(page.find(R"({"key":"cost_usd","label":"cost","unit":"USD","decimals":2})") != std::string::npos);
}

TEST_CASE("a page that is not there, or is none, is named") {
  CHECK(said_of("no/such/page.html") ==
        "TIDELINE_REPORT_PAGE=no/such/page.html: error: this is not a file\n");
  const std::string other = testing::scratch("page.html").string();
  std::ofstream(other) << "<p>Hello</p>";
  CHECK(said_of(other) == other + ": error: is no page of reports: it has no place for data\n");
  std::filesystem::remove(other);
}

}  // namespace
}  // namespace tideline::report
