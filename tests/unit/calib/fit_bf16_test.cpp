// Whose backbone do the errors of a family belong to? To the one that is written.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "calib/fit/backbone_json.h"
#include "calib/fit/fit_gpu.h"
#include "calib/inspect/inspect.h"
#include "calib/records/read.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using kernels::FamilyId;

const catalog::Gpu& h800() {
  static const catalog::Gpu gpu = catalog::load_gpu("h800");
  return gpu;
}

// The mean error of the backbone that is written, from the points that are written.
double error_of(const kernels::FamilyInfo& info, const Json& family) {
  const kernels::Backbone backbone = backbone_of(info, h800(), family["backbone"]);
  const Json& s = family["samples"];
  double sum = 0.0;
  for (std::size_t i = 0; i < s["a"].size(); ++i) {
    const kernels::Coordinates at{s["a"][i], s["b"][i], s["s"][i], s["x"][i]};
    sum += std::abs(backbone(info.work_of(at)).value() * 1e6 / s["time_us"][i].get<double>() - 1.0);
  }
  return sum / static_cast<double>(s["a"].size());
}

const kernels::FamilyInfo& kBf16 = kernels::kFamilies[static_cast<std::size_t>(FamilyId::kBf16Gemm)];

// Products of a library that reaches 40 % of the peak: the first `places` of eighteen.
Json fitted_to(std::size_t places) {
  std::vector<records::Record> all;
  for (const std::int64_t n : {256, 129280, 4096})
    for (const std::int64_t m : {64, 128, 256, 512, 1024, 4096}) {
      records::Record r;
      r.family = "gemm_bf16", r.op = "o";
      r.shape = {{"m", m}, {"n", n}, {"k", 7168}};
      r.includes = {"product"};
      r.device.name = "NVIDIA H800", r.device.sms = 132;
      r.impl.library = "cuBLAS";
      r.method.mode = "published";
      const kernels::Work w = work_of(kernels::Bf16Gemm{static_cast<double>(m), n, 7168});
      const double compute = w.flop.value() / (0.4 * 989e12), memory = w.bytes.value() / (0.8 * 3.35e12);
      r.time_us.n = 1, r.time_us.median = (6e-6 + w.steps * 6e-8 + std::hypot(compute, memory)) * 1e6;
      r.source.origin = "a run", r.source.date = "2026-01-01";
      if (all.size() < places) all.push_back(r);
    }
  const std::string file = testing::scratch("bf16.jsonl").string();
  std::ofstream(file) << records::to_lines(all);
  const FittedGpu fitted = fit_gpu(h800(), {.timings = std::string(TIDELINE_SOURCE) + "/calib/timings",
                                            .records = {file},
                                            .prefer_records = true});
  std::remove(file.c_str());
  return fitted.fitted["families"]["gemm_bf16"];
}

TEST_CASE("the error that a fit states of its backbone is that of the backbone that it holds") {
  const Json fitted = read_fitted(h800(), std::string(TIDELINE_SOURCE) + "/calib/fitted/h800.json");
  for (const kernels::FamilyInfo& info : kernels::kFamilies) {
    const Json& family = fitted["families"][std::string(info.name)];
    if (family["samples"]["a"].empty()) continue;
    CAPTURE(info.name);
    CHECK(family["errors"]["backbone"]["mean"].get<double>() == testing::about(error_of(info, family), 1e-3));
  }
}

TEST_CASE(
    "a product that stands alone states how far the assumed backbone is from it, and no less elsewhere") {
  const Json fitted = read_fitted(h800(), std::string(TIDELINE_SOURCE) + "/calib/fitted/h800.json");
  const Json& alone = fitted["families"]["gemm_bf16"];
  CHECK(alone["errors"]["backbone"]["mean"].get<double>() == testing::about(0.162, 0.01));
  CHECK(alone["errors"]["points"]["points"] == 0);
  CHECK(alone["sigma"]["known"].get<double>() > 0.08);
  CHECK(alone["sigma"]["unknown"] == 0.3);
  CHECK(alone["sigma"]["beyond"] == 0.3);
}

TEST_CASE("own BF16 products in enough places keep their own backbone, and its errors") {
  const Json own = fitted_to(18);
  CHECK_FALSE(own.contains("backbone_assumed"));
  CHECK(own["backbone"]["ec"].get<double>() == testing::about(0.4, 0.02));
  CHECK(own["errors"]["backbone"]["points"] == 18);
  CHECK(error_of(kBf16, own) < 0.01);
  CHECK(own["errors"]["backbone"]["mean"].get<double>() < 0.01);
}

TEST_CASE("own BF16 products in a few places take the assumed backbone, and say how far it is from them") {
  const Json few = fitted_to(4);  // beside the table's one
  CHECK(few.contains("backbone_assumed"));
  CHECK(few["errors"]["backbone"]["points"] == 5);
  CHECK(error_of(kBf16, few) > 0.05);
  CHECK(few["errors"]["backbone"]["mean"].get<double>() == testing::about(error_of(kBf16, few), 1e-3));
  CHECK(few["errors"]["slices_held_out"]["mean"].get<double>() > 0.01);
  CHECK(few["sigma"]["unknown"].get<double>() >= 0.3);
  CHECK(few["sigma"]["beyond"].get<double>() >= 0.3);
}

}  // namespace
}  // namespace tideline::calib
