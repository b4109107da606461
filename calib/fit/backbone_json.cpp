#include "calib/fit/backbone_json.h"

#include "calib/fit/fit_family.h"

namespace tideline::calib {

using Json = nlohmann::ordered_json;
using kernels::Backbone;

Backbone backbone_on(const kernels::FamilyInfo& info, const catalog::Gpu& gpu) {
  Backbone b;
  b.peak = info.fp8 ? gpu.fp8_peak : gpu.bf16_peak;
  b.bandwidth = gpu.bandwidth;
  b.sms = static_cast<int>(gpu.sms);
  return b;
}

Backbone backbone_of(const kernels::FamilyInfo& info, const catalog::Gpu& gpu, const Json& fitted) {
  Backbone b = backbone_on(info, gpu);
  b.t0 = Seconds(fitted.at("t0_us").get<double>() * 1e-6);
  b.t1 = Seconds(fitted.at("t1_us").get<double>() * 1e-6);
  b.ec = fitted.at("ec"), b.em = fitted.at("em"), b.p = fitted.at("p");
  if (fitted.contains("tiles")) {
    const Json& tiles = fitted["tiles"];
    b.tiles = {tiles.at("two_scales"), tiles.at("one_group"),
               Seconds(tiles.at("wave_us").get<double>() * 1e-6)};
  }
  return b;
}

Json backbone_json(const Backbone& b) {
  Json out{{"t0_us", rounded(b.t0.value() * 1e6)},
           {"t1_us", rounded(b.t1.value() * 1e6)},
           {"ec", rounded(b.ec)},
           {"em", rounded(b.em)},
           {"p", rounded(b.p)}};
  if (b.tiles.wave > Seconds(0.0))
    out["tiles"] = {{"two_scales", rounded(b.tiles.two_scales)},
                    {"one_group", rounded(b.tiles.one_group)},
                    {"wave_us", rounded(b.tiles.wave.value() * 1e6)}};
  return out;
}

}  // namespace tideline::calib
