// tideline calibrate compare A B: two kernel models side by side on the kernels of a DeepSeek-V3 layer.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "calib/inspect/compare.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct CompareArguments {
  std::string a, b, format = "text";
};

// A GPU by its name, or a fitted file, which bears the name of its GPU.
calib::Side side(const std::string& name) {
  const std::filesystem::path file = name;
  if (file.extension() != ".json") return {name, kernels::KernelModel::load(catalog::load_gpu(name))};
  return {name, kernels::KernelModel::load(catalog::load_gpu(file.stem().string()), name)};
}

int compare(const CompareArguments& arguments) {
  const auto compared = calib::compare(side(arguments.a), side(arguments.b));
  const std::string out =
      arguments.format == "json" ? compared.dump(2) + "\n" : calib::compare_text(compared);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kOk;
}

}  // namespace

void add_calibrate_compare(CLI::App& calibrate, int& exit_code) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = calibrate.add_subcommand(
      "compare", "two GPUs, or two fitted files, on the kernels of a DeepSeek-V3 layer");
  command->add_option("a", arguments->a, "a GPU, or a fitted file such as DIR/h800.json")->required();
  command->add_option("b", arguments->b, "the other")->required();
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([arguments, &exit_code] { exit_code = compare(*arguments); });
}

}  // namespace tideline::tools
