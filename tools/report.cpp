// tideline report RESULT: one self-contained HTML file from the result files of a folder.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/config/node.h"
#include "sim/report/html_report.h"
#include "tools/output_files.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

namespace fs = std::filesystem;

struct ReportArguments {
  std::string result, out;
};

// The files that a page can show: the name of each in a folder and in the page, a key that only it has, and
// what writes it.
struct Shown {
  const char *file, *name, *key, *made_by;
};
constexpr std::array kShown = {
    Shown{"result.json", "result", "service", "tideline run --out"},
    Shown{"plan.json", "plan", "feasible", "tideline plan --out"},
    Shown{"layouts.json", "layouts", "front", "tideline layouts --out"},
    Shown{"finance.json", "finance", "statement", "tideline finance --out"},
    Shown{"step-prefill.json", "step_prefill", "timeline", "tideline step --out"},
    Shown{"step-decode.json", "step_decode", "timeline", "tideline step --out"},
};

report::HtmlPart read(const fs::path& file, const Shown& shown) {
  const config::Document document = config::Document::load(file.string());  // every mistake with its place
  if (!document.root().has(shown.key))
    throw InputError({.file = file.string(),
                      .message = fmt::format("has no \"{}\": not what `{}` writes", shown.key, shown.made_by),
                      .suggestion = "was it written by another version? Run that again"});
  std::ifstream in(file, std::ios::binary);
  return {shown.name, {std::istreambuf_iterator<char>(in), {}}};
}

// The folders of pools in one that `tideline run` made of several: each has a result of its own.
std::string pools_in(const fs::path& folder) {
  std::vector<std::string> pools;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "result.json")) pools.push_back(entry.path().string());
  std::ranges::sort(pools);
  std::string all;
  for (const std::string& pool : pools) all += (all.empty() ? "" : ", ") + pool;
  return all;
}

// Of a folder, every file that can be shown; of a result, that one and those beside it.
std::vector<report::HtmlPart> read_all(const fs::path& result, const fs::path& folder) {
  std::vector<report::HtmlPart> parts;
  for (const Shown& shown : kShown) {
    const bool named = result != folder && parts.empty() && shown.name == std::string_view("result");
    const fs::path file = named ? result : folder / shown.file;
    if (named || fs::exists(file)) parts.push_back(read(file, shown));
  }
  if (!parts.empty()) return parts;
  if (result == folder && fs::exists(folder / "pools.json"))
    throw InputError({.file = result.string(),
                      .message = "these are pools: a report is of one of them",
                      .suggestion = "tideline report FOLDER of " + pools_in(folder)});
  std::string known;
  for (const Shown& shown : kShown) known += fmt::format("{}{}", known.empty() ? "" : ", ", shown.file);
  throw InputError({.file = result.string(),
                    .message = fmt::format("there is nothing to report here: wants one of {}", known),
                    .suggestion = "tideline run SCENARIO --out " + result.string()});
}

int report(const ReportArguments& arguments) {
  const fs::path result = arguments.result;
  const fs::path folder = fs::is_directory(result) ? result : fs::path(folder_of(arguments.result));
  const std::vector<report::HtmlPart> parts = read_all(result, folder);
  const std::string out = arguments.out.empty() ? (folder / "report.html").string() : arguments.out;
  const std::string html = report::html(report::html_page(), "tideline " TIDELINE_VERSION, parts);
  write_one(out, html);
  std::string shown;
  for (const report::HtmlPart& part : parts) shown += (shown.empty() ? "" : ", ") + part.name;
  fmt::print("{}: {} kB; shows {}\n", out, (html.size() + 999) / 1000, shown);
  return kOk;
}

}  // namespace

void add_report(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = program.add_subcommand(
      "report", "one self-contained HTML file from result files: charts, and the table behind each");
  command->add_option("result", arguments->result, "folder that --out made, or a result.json in one")
      ->required();
  command->add_option("--out", arguments->out, "file (default: report.html in the folder of the results)");
  command->callback([arguments, &exit_code] { exit_code = report(*arguments); });
}

}  // namespace tideline::tools
