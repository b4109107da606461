// One self-contained HTML file from result files: a page that was bundled when the program was built
// (sim/report/html), with the files in it digit for digit. It asks the network for nothing.
#pragma once

#include <span>
#include <string>

namespace tideline::report {

// A result file under the name by which the page knows it: "result", "plan", "layouts", "step_decode".
struct HtmlPart {
  std::string name;
  std::string json;  // REQUIRES: sound JSON
};

// `page`: of html_page(). `program`: what writes it, and its version.
std::string html(const std::string& page, const std::string& program, std::span<const HtmlPart> parts);

// The bundled page: the file that TIDELINE_REPORT_PAGE of the environment names, else the installed one, else
// that of the build. Fails: throws InputError where there is none, saying what would make it.
std::string html_page();

}  // namespace tideline::report
