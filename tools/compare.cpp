// tideline compare A B: two results, or books of volumes, side by side, and what moved profit from one to the
// other.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "sim/report/compare_report.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct CompareArguments {
  std::string a, b, format = "text";
};

report::Side side(const std::string& file) {
  finance::Study study = finance::read_study(file, {});  // says what is wrong with the file
  std::ifstream in(file, std::ios::binary);
  return {file, std::string(std::istreambuf_iterator<char>(in), {}), std::move(study)};
}

int compare(const CompareArguments& arguments) {
  const report::Side a = side(arguments.a), b = side(arguments.b);
  const std::string text = arguments.format == "json"  ? report::compare_json(a, b)
                           : arguments.format == "csv" ? report::compare_csv(a, b)
                                                       : report::compare_text(a, b);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kOk;
}

}  // namespace

void add_compare(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = program.add_subcommand(
      "compare", "two results side by side: inputs that differ, figures, and a bridge of profit");
  command->add_option("a", arguments->a, "result.json of `run --out`, or books of published volumes")
      ->required();
  command->add_option("b", arguments->b, "the other")->required();
  command->add_option("--format", arguments->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->callback([arguments, &exit_code] { exit_code = compare(*arguments); });
}

}  // namespace tideline::tools
