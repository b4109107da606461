#include "calib/inspect/inspect.h"

#include <fmt/format.h>

#include <cmath>

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

Json points_of(const FamilyInfo& info, const Backbone& backbone, const Json& samples,
               const std::string& file) {
  Json points = Json::array();
  for (std::size_t i = 0; i < samples.at("a").size(); ++i) {
    const Coordinates at{samples["a"][i], samples["b"][i], samples["s"][i], samples["x"][i]};
    const double us = samples["time_us"][i], fitted = backbone(info.work_of(at)).value() * 1e6;
    if (!(fitted > 0.0 && std::isfinite(fitted)))
      throw InputError({.file = file,
                        .pointer = fmt::format("/families/{}/backbone", info.name),
                        .message = fmt::format("this backbone gives point {} no time", i)});
    points.push_back({{"a", at.a},
                      {"b", at.b},
                      {"s", at.s},
                      {"x", at.x},
                      {"us", us},
                      {"backbone_us", rounded(fitted)},
                      {"residual", std::round(std::log(us / fitted) * 1e4) / 1e4 + 0.0}});
    if (samples.contains("sources")) points.back()["sources"] = samples["sources"][i];
  }
  return points;
}

}  // namespace

Json inspect(const catalog::Gpu& gpu, const Json& fitted, const std::string& family) {
  const std::string file = "calib/fitted/" + gpu.name + ".json";
  Json out;
  out["gpu"] = gpu.name;
  std::string known;
  for (const FamilyInfo& info : kernels::kFamilies) {
    const std::string name(info.name);
    known += (known.empty() ? "" : ", ") + name;
    if (!family.empty() && family != name) continue;
    const Json& f = fitted["families"].at(name);
    if (!f["errors"].contains("coverage"))
      throw InputError({.file = file,
                        .message = "this model was fitted by an older program, and holds no coverage",
                        .suggestion = "run tideline calibrate fit " + gpu.name});
    Json one;
    if (f.contains("transferred_from")) one["transferred_from"] = f["transferred_from"];
    for (const char* key : {"backbone", "sigma", "errors"}) one[key] = f[key];
    if (f.contains("sources")) one["sources"] = f["sources"];
    one["points"] = points_of(info, backbone_of(info, gpu, f["backbone"]), f["samples"], file);
    out["families"][name] = std::move(one);
  }
  if (!out.contains("families"))
    throw InputError(
        {.file = "--family", .message = "there is no family \"" + family + "\"", .suggestion = known});
  return out;
}

}  // namespace tideline::calib
