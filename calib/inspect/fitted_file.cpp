#include <fmt/format.h>

#include <fstream>
#include <initializer_list>

#include "calib/inspect/inspect.h"
#include "sim/base/error.h"
#include "sim/config/node.h"
#include "sim/kernels/kernel_model.h"

namespace tideline::calib {
namespace {

using config::Node;
using Json = nlohmann::ordered_json;

// Of a file that was cut or written by hand, the first thing that it lacks.
void require_families(const Json& fitted, const std::string& file) {
  for (const kernels::FamilyInfo& info : kernels::kFamilies)
    for (const char* part : {"backbone/p", "sigma/family", "samples/time_us", "errors/slices"}) {
      const std::string pointer = fmt::format("/families/{}/{}", info.name, part);
      if (!fitted.contains(Json::json_pointer(pointer)))
        throw InputError({.file = file,
                          .pointer = pointer,
                          .message = "missing: this is no whole fitted model of a GPU",
                          .suggestion = "`tideline calibrate fit` writes one"});
    }
}

void require_numbers(const Node& node, std::initializer_list<const char*> keys) {
  for (const char* key : keys) (void)node.number(key);
}

// What the model of kernel times passes over, because it is for people.
void check_errors(const Node& family) {
  const Node errors = family.object("errors");
  for (const char* count : {"records", "slices"}) (void)errors.count(count);
  for (const char* kind :
       {"backbone", "points", "shapes_held_out", "slices_held_out", "inside", "unknown", "beyond"}) {
    const Node error = errors.object(kind);
    (void)error.count("points");
    require_numbers(error, {"mean", "median", "p90"});
    error.ignore_rest();
  }
  if (errors.has("coverage")) {  // an older program had none, which inspect() says
    const Node coverage = errors.object("coverage");
    require_numbers(coverage, {"known", "unknown", "beyond"});
  }
  errors.ignore_rest();
  const Node sigma = family.object("sigma");
  if (sigma.has("bootstrap")) require_numbers(sigma, {"bootstrap", "versions"});
  sigma.ignore_rest();
  family.ignore_rest();
}

}  // namespace

Json read_fitted(const catalog::Gpu& gpu, const std::string& file) {
  std::ifstream in(file);
  if (!in)
    throw InputError({.file = file,
                      .message = "there is no fitted model here",
                      .suggestion = "`tideline calibrate fit` writes one"});
  const config::Document document = config::Document::load(file);
  Json fitted = Json::parse(in, nullptr, false);
  if (fitted.is_discarded() || !fitted.contains("families"))
    throw InputError({.file = file, .message = "this is not a fitted model of a GPU"});
  if (fitted.contains("extends"))
    throw InputError(
        {.file = file, .pointer = "/extends", .message = "a fitted model extends no other file"});
  require_families(fitted, file);
  (void)kernels::KernelModel::load(gpu, file);
  const Node families = document.root().object("families");
  for (const kernels::FamilyInfo& info : kernels::kFamilies) check_errors(families.object(info.name));
  families.ignore_rest();
  document.root().ignore_rest();
  document.finish();
  return fitted;
}

}  // namespace tideline::calib
