// tideline calibrate import: profiles and tables of others (calib/import) to records (calib/records).
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calib/import/host.h"
#include "calib/import/import_file.h"
#include "calib/import/utf8.h"
#include "calib/records/write.h"
#include "sim/base/error.h"
#include "tools/output_files.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct ImportArguments {
  std::vector<std::string> files;
  std::string format, rules, out, host;
};

void print_report(const std::string& file, const calib::Summary& imported) {
  const double share = imported.time_us > 0.0 ? imported.mapped_us / imported.time_us : 0.0;
  fmt::print("{}: {} records\n", file, imported.made);
  fmt::print(
      "  {} of {} kernels, {:.1f} % of {:.1f} ms of kernel time; {} alone, {} partly, {} beside others\n",
      imported.alone + imported.partly + imported.beside, imported.kernels, share * 100.0,
      imported.time_us * 1e-3, imported.alone, imported.partly, imported.beside);
  for (const std::string& note : imported.notes) fmt::print("  note: {}\n", note);
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < std::min(kShown, imported.unmapped.size()); ++i) {
    const calib::Unmapped& u = imported.unmapped[i];
    fmt::print("  unmapped {:5.2f} %, {:6} times  {}\n", imported.share(u) * 100.0, u.count,
               calib::as_utf8(u.kernel, 70));
    if (!u.why.empty()) fmt::print("  {:>26}  {}\n", "", u.why);
  }
  if (imported.unmapped.size() > kShown)
    fmt::print("  and {} more names unmapped\n", imported.unmapped.size() - kShown);
}

calib::Format format_for(const ImportArguments& arguments, const std::string& file) {
  return arguments.format.empty() ? calib::format_of(file) : calib::format_named(arguments.format);
}

int import_host(const ImportArguments& arguments) {
  if (arguments.files.size() != 1)
    throw InputError(
        Problem{.file = "--host", .message = "wants one trace: the table tells one program's pace"});
  const std::string& file = arguments.files.front();
  const calib::Rules rules = calib::load_rules(arguments.rules);
  const calib::Trace trace = calib::read_trace(file, format_for(arguments, file));
  write_one(arguments.host, calib::host_pace_csv(calib::host_pace(trace), rules));
  return kOk;
}

int import(const ImportArguments& arguments) {
  const calib::Rules rules = calib::load_rules(arguments.rules);
  std::optional<NewFile> out;
  if (!arguments.out.empty()) {
    write_all(folder_of(arguments.out), {});
    out.emplace(arguments.out);
  }
  const auto take = [&](const records::Record& record) {
    if (out) out->out() << records::to_line(record);
  };
  for (const std::string& file : arguments.files)
    print_report(file, calib::import_file(file, format_for(arguments, file), rules, take));
  if (out) out->finish();
  return kOk;
}

}  // namespace

void add_calibrate_import(CLI::App& calibrate, int& exit_code) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = calibrate.add_subcommand("import", "records from a profile or a table, by rules");
  command->add_option("files", arguments->files, "Kineto traces, Nsight Systems exports, tables")->required();
  command->add_option("--rules", arguments->rules, "which kernel is what: see calib/import/rules")
      ->required();
  command->add_option("--format", arguments->format, "kineto, nsys or csv (default: by the content)");
  CLI::Option* out = command->add_option("--out", arguments->out, "file of records to write, JSON Lines");
  command->add_option("--host", arguments->host, "write how fast the host launches instead, CSV")
      ->excludes(out);
  command->callback([arguments, &exit_code] {
    exit_code = arguments->host.empty() ? import(*arguments) : import_host(*arguments);
  });
}

}  // namespace tideline::tools
