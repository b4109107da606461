// tideline finance FILE: what a run, or published volumes, earned: profit and loss, cases, break-even,
// sensitivities, bands. Nothing is simulated: --set money... prices the same volumes anew.
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sim/report/finance_report.h"
#include "sim/workbook/workbook.h"
#include "tools/output_files.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct FinanceArguments {
  std::string file, format = "text", out;
  std::vector<std::string> overrides;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
};

void write_files(const std::string& folder, const report::FinanceAnswer& answer) {
  write_all(folder, {{"finance.json", report::finance_json(answer)},
                     {"cases.csv", report::finance_cases_csv(answer)},
                     {"profit-and-loss.csv", report::finance_hours_csv(answer)},
                     {"focus.csv", report::focus_csv(answer)}});
  NewFile file(std::filesystem::path(folder) / "finance.xlsx");
  workbook::write(file.part().string(), answer.study);
  file.finish();
}

int finance(const FinanceArguments& arguments) {
  report::FinanceAnswer answer{finance::read_study(arguments.file, arguments.overrides), {}};
  answer.sensitivity = finance::sensitivity(answer.study.base(), arguments.threads);
  if (!arguments.out.empty()) write_files(arguments.out, answer);
  const std::string text = arguments.format == "json"  ? report::finance_json(answer)
                           : arguments.format == "csv" ? report::finance_cases_csv(answer)
                                                       : report::finance_text(answer);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kOk;
}

}  // namespace

void add_finance(CLI::App& program, int& exit_code) {
  auto arguments = std::make_shared<FinanceArguments>();
  CLI::App* command = program.add_subcommand(
      "finance", "profit and loss, break-even and bands of a finished run or of published volumes");
  command->add_option("file", arguments->file, "result.json of `run --out`, or books of published volumes")
      ->required();
  command->add_option("--set", arguments->overrides, "PATH=VALUE: money.price_book=..., say; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--format", arguments->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->add_option("--out", arguments->out,
                      "folder for finance.xlsx, finance.json, cases.csv, profit-and-loss.csv, focus.csv");
  command->add_option("--threads", arguments->threads, "samples side by side: the same bytes sooner")
      ->check(CLI::Range(1, 1024));
  command->callback([arguments, &exit_code] { exit_code = finance(*arguments); });
}

}  // namespace tideline::tools
