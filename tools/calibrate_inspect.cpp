// tideline calibrate inspect GPU: how well a fitted model of kernel times knows what it says.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "calib/inspect/inspect.h"
#include "sim/catalog/models.h"
#include "tools/output_files.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  std::string gpu, family, svg, fitted, format = "text";
};

int inspect(const InspectArguments& arguments) {
  const catalog::Gpu gpu = catalog::load_gpu(arguments.gpu);
  const std::string folder =
      arguments.fitted.empty() ? catalog::models_folder() + "/../calib/fitted" : arguments.fitted;
  const auto inspected =
      calib::inspect(gpu, calib::read_fitted(gpu, folder + "/" + arguments.gpu + ".json"), arguments.family);
  if (!arguments.svg.empty()) {
    const fs::path file = arguments.svg;
    write_all(file.has_parent_path() ? file.parent_path().string() : ".",
              {{file.filename().string(), calib::inspect_svg(inspected)}});
  }
  const std::string out =
      arguments.format == "json" ? inspected.dump(2) + "\n" : calib::inspect_text(inspected);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kOk;
}

}  // namespace

void add_calibrate_inspect(CLI::App& calibrate, int& exit_code) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = calibrate.add_subcommand(
      "inspect", "points, residuals, errors held out and coverage of a fitted model");
  command->add_option("gpu", arguments->gpu, "a GPU with a fitted model")->required();
  command->add_option("family,--family", arguments->family,
                      "one family of kernels, with its points (default: all)");
  command->add_option("--svg", arguments->svg, "file for the plot");
  command->add_option("--fitted", arguments->fitted, "folder of fitted models (default: the program's own)");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([arguments, &exit_code] { exit_code = inspect(*arguments); });
}

}  // namespace tideline::tools
