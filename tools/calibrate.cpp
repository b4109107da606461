// tideline calibrate fit: measurements (calib/timings) to the models that `run` loads (calib/fitted).
// Its other subcommands are files of their own.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calib/fit/all_to_all.h"
#include "calib/fit/fit_gpu.h"
#include "sim/base/error.h"
#include "sim/catalog/hardware.h"
#include "tools/output_files.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct FitArguments {
  std::string gpu, from, timings = "calib/timings", out = "calib/fitted";
  std::vector<std::string> records;
  bool prefer_records = false;
};

std::string percent(const Json& error) {
  if (error["points"] == 0) return "      -       ";
  return fmt::format("{:5.1f} % of {:3}", error["mean"].get<double>() * 100.0, error["points"].get<int>());
}

// How far each family is from its measurements, and from those it had not seen.
void print_errors(const Json& families) {
  fmt::print("mean error          {:>16}{:>18}{:>18}\n", "backbone", "point left out", "slice held out");
  for (const auto& [name, family] : families.items()) {
    const Json& e = family["errors"];
    fmt::print("{:<28}{:>14}{:>18}{:>18}\n", name, percent(e["backbone"]), percent(e["points"]),
               percent(e["slices_held_out"]));
    if (family.contains("transferred_from"))
      fmt::print("  transferred from {}, whose errors these are\n",
                 family["transferred_from"].get<std::string>());
  }
}

void print_records(const calib::FittedGpu& gpu) {
  for (const auto& [family, n] : gpu.used) fmt::print("records in {}: {}\n", family, n);
  for (const auto& [reason, n] : gpu.left_out) fmt::print("records left out: {}, {}\n", n, reason);
}

int fit(const FitArguments& arguments) {
  if (!fs::is_directory(arguments.timings))
    throw InputError({.file = arguments.timings,
                      .message = "there are no timings here",
                      .suggestion = "run this in the folder that holds calib/, or give --timings"});
  const calib::FittedGpu gpu = calib::fit_gpu(
      catalog::load_gpu(arguments.gpu),
      {arguments.timings, arguments.records, arguments.from, arguments.prefer_records});
  std::vector<std::pair<std::string, std::string>> files;
  const auto add = [&](const std::string& file, const Json& fitted) {
    files.emplace_back(file, calib::fitted_text(fitted, (fs::path(arguments.out) / file).string()));
  };
  add(arguments.gpu + ".json", gpu.fitted);
  const std::string folder = (fs::path(arguments.timings) / arguments.gpu).string();
  if (fs::exists(fs::path(folder) / "deepep_normal.csv"))
    add(arguments.gpu + "-8.json", calib::fit_all_to_all(folder));
  write_all(arguments.out, files);
  print_errors(gpu.fitted["families"]);
  print_records(gpu);
  return kOk;
}

}  // namespace

void add_calibrate(CLI::App& program, int& exit_code) {
  CLI::App* calibrate =
      program.add_subcommand("calibrate", "turn measurements into the models that `run` loads");
  calibrate->require_subcommand(1);
  auto arguments = std::make_shared<FitArguments>();
  CLI::App* command =
      calibrate->add_subcommand("fit", "fit every family of kernels of a GPU, errors beside the fit");
  command->add_option("gpu", arguments->gpu, "a GPU of models/gpu")->required();
  command->add_option(
      "--from", arguments->from,
      "the GPU that missing timings are transferred from (default: the nearest that has all)");
  command->add_option("--records", arguments->records,
                      "files of records to fit beside the tables (also read: calib/timings/GPU/*.jsonl)");
  command->add_flag("--prefer-records", arguments->prefer_records,
                    "where records are of eight places or more, fit to them alone, not to the table");
  command->add_option("--timings", arguments->timings, "folder of timings (default: calib/timings)");
  command->add_option("--out", arguments->out, "folder for the fitted models (default: calib/fitted)");
  command->callback([arguments, &exit_code] { exit_code = fit(*arguments); });
  add_calibrate_import(*calibrate, exit_code);
  add_calibrate_inspect(*calibrate, exit_code);
  add_calibrate_compare(*calibrate, exit_code);
}

}  // namespace tideline::tools
