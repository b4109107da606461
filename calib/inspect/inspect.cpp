#include "calib/inspect/inspect.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "calib/fit/backbone_json.h"
#include "calib/fit/fit_family.h"
#include "sim/base/error.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using kernels::Backbone;
using kernels::Coordinates;
using kernels::FamilyInfo;

Json points_of(const FamilyInfo& info, const Backbone& backbone, const Json& samples) {
  Json points = Json::array();
  for (std::size_t i = 0; i < samples.at("a").size(); ++i) {
    const Coordinates at{samples["a"][i], samples["b"][i], samples["s"][i], samples["x"][i]};
    const double us = samples["time_us"][i], fitted = backbone(info.work_of(at)).value() * 1e6;
    points.push_back({{"a", at.a},
                      {"b", at.b},
                      {"s", at.s},
                      {"x", at.x},
                      {"us", us},
                      {"backbone_us", rounded(fitted)},
                      {"residual", std::round(std::log(us / fitted) * 1e4) / 1e4 + 0.0}});
  }
  return points;
}

// Of a file that was cut or written by hand, the first thing that it lacks.
void require_families(const Json& fitted, const std::string& file) {
  for (const FamilyInfo& info : kernels::kFamilies)
    for (const char* part : {"backbone/p", "sigma/family", "samples/time_us", "errors/slices"}) {
      const std::string pointer = fmt::format("/families/{}/{}", info.name, part);
      if (!fitted.contains(Json::json_pointer(pointer)))
        throw InputError({.file = file,
                          .pointer = pointer,
                          .message = "missing: this is no whole fitted model of a GPU",
                          .suggestion = "`tideline calibrate fit` writes one"});
    }
}

}  // namespace

Json read_fitted(const std::string& file) {
  std::ifstream in(file);
  if (!in)
    throw InputError({.file = file,
                      .message = "there is no fitted model here",
                      .suggestion = "`tideline calibrate fit` writes one"});
  Json fitted = Json::parse(in, nullptr, false);
  if (fitted.is_discarded() || !fitted.contains("families"))
    throw InputError({.file = file, .message = "this is not a fitted model of a GPU"});
  require_families(fitted, file);
  return fitted;
}

Json inspect(const catalog::Gpu& gpu, const Json& fitted, const std::string& family) {
  Json out;
  out["gpu"] = gpu.name;
  std::string known;
  for (const FamilyInfo& info : kernels::kFamilies) {
    const std::string name(info.name);
    known += (known.empty() ? "" : ", ") + name;
    if (!family.empty() && family != name) continue;
    const Json& f = fitted["families"].at(name);
    if (!f["errors"].contains("coverage"))
      throw InputError({.file = "calib/fitted/" + gpu.name + ".json",
                        .message = "this model was fitted by an older program, and holds no coverage",
                        .suggestion = "run tideline calibrate fit " + gpu.name});
    Json one;
    if (f.contains("transferred_from")) one["transferred_from"] = f["transferred_from"];
    for (const char* key : {"backbone", "sigma", "errors"}) one[key] = f[key];
    one["points"] = points_of(info, backbone_of(info, gpu, f["backbone"]), f["samples"]);
    out["families"][name] = std::move(one);
  }
  if (!out.contains("families"))
    throw InputError(
        {.file = "--family", .message = "there is no family \"" + family + "\"", .suggestion = known});
  return out;
}

}  // namespace tideline::calib
