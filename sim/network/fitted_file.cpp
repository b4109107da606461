#include "sim/network/fitted_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/base/error.h"
#include "sim/catalog/models.h"

namespace tideline::network {
namespace {

std::string fitted_file(const std::string& node) {
  return fmt::format("{}/../calib/fitted/{}.json", catalog::models_folder(), node);
}

std::string fitted_nodes() {
  std::string names;
  for (const std::string& name : catalog::known_names("node"))
    if (std::filesystem::exists(fitted_file(name))) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

std::string find_fitted(const std::string& node) {
  std::string file = fitted_file(node);
  if (std::filesystem::exists(file)) return file;
  throw InputError({.file = "calib/fitted",
                    .message = fmt::format("no all-to-all is fitted for the node \"{}\"", node),
                    .suggestion = "fitted: " + fitted_nodes()});
}

}  // namespace tideline::network
