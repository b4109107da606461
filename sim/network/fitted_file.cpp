#include "sim/network/fitted_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/base/error.h"
#include "sim/catalog/models.h"

namespace tideline::network {
namespace {

// The node on which DeepEP published its tables.
const std::string kMeasuredNode = "h800-8";

std::string fitted_file(const std::string& node) {
  return fmt::format("{}/../calib/fitted/{}.json", catalog::models_folder(), node);
}

}  // namespace

bool has_fitted(const std::string& node) {
  return std::filesystem::exists(fitted_file(node));
}

FittedFile find_fitted(const std::string& node) {
  for (const std::string& whose : {node, kMeasuredNode})
    if (has_fitted(whose)) return {fitted_file(whose), whose};
  throw InputError(
      {.file = "calib/fitted",
       .message = fmt::format("no all-to-all is fitted, neither for the node \"{}\" nor for \"{}\"", node,
                              kMeasuredNode),
       .suggestion = "tideline calibrate fit writes them"});
}

}  // namespace tideline::network
