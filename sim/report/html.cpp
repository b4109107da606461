#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/report/html_report.h"
#include "sim/scenario/result.h"

namespace tideline::report {
namespace {

constexpr std::string_view kMark = "{{data}}";

// Without the blanks between values. "<" can only stand in a string, where it must not end the script
// element.
void append_compact(std::string& out, std::string_view json) {
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_text = !in_text;
    if (c == '<')
      out += "\\u003c";
    else if (in_text || std::string_view(" \t\r\n").find(c) == std::string_view::npos)
      out += c;
    if (in_text && c == '\\') out += json[++i];
  }
}

// How headlines are written, so that the page writes them as the screen does.
std::string figures_json(const auto& figures) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& f : figures)
    out.push_back({{"key", f.key}, {"label", f.label}, {"unit", f.unit}, {"decimals", f.decimals}});
  return out.dump();
}

std::string page_file() {
  namespace fs = std::filesystem;
  if (const char* const named = std::getenv("TIDELINE_REPORT_PAGE"); named && *named) {
    if (fs::is_regular_file(named)) return named;
    throw InputError(
        {.file = fmt::format("TIDELINE_REPORT_PAGE={}", named), .message = "this is not a file"});
  }
  for (const char* const file : {TIDELINE_INSTALLED_PAGE, TIDELINE_BUILT_PAGE})
    if (fs::is_regular_file(file)) return file;
  throw InputError(
      {.file = TIDELINE_INSTALLED_PAGE,
       .message = "the page of reports is not here: this program was built without node and npm, or "
                  "without reaching the npm registry",
       .suggestion = "install them and build again, or set TIDELINE_REPORT_PAGE to a built page"});
}

}  // namespace

std::string html(const std::string& page, const std::string& program, std::span<const HtmlPart> parts) {
  const std::size_t mark = page.find(kMark);
  CHECK(mark != std::string::npos, "html_page() has looked");
  std::string data =
      fmt::format(R"({{"program": {}, "figures": {}, "banded": {})", nlohmann::json(program).dump(),
                  figures_json(scenario::summary_figures()), figures_json(scenario::kBanded));
  for (const HtmlPart& part : parts) data += fmt::format(R"(, "{}": {})", part.name, part.json);
  std::string out = page.substr(0, mark);
  append_compact(out, data + "}");
  return out + page.substr(mark + kMark.size());
}

std::string html_page() {
  const std::string file = page_file();
  std::ifstream in(file, std::ios::binary);
  std::string page{std::istreambuf_iterator<char>(in), {}};
  if (page.find(kMark) == std::string::npos)
    throw InputError({.file = file, .message = "is no page of reports: it has no place for data"});
  return page;
}

}  // namespace tideline::report
