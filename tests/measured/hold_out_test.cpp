// How far is the fit of H800 from slices that it had not seen, and do its intervals hold what they say?
// Prints the table that calib/README.md quotes (`tideline calibrate inspect h800`).
#include <fmt/format.h>

#include <string>

#include "calib/inspect/inspect.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;

const Json& families() {
  static const Json inspected = inspect(
      catalog::load_gpu("h800"), read_fitted(std::string(TIDELINE_SOURCE) + "/calib/fitted/h800.json"), "");
  return inspected["families"];
}

double error(const std::string& family, const char* kind, const char* statistic) {
  return families()[family]["errors"][kind][statistic];
}

TEST_CASE("the errors of calib/README.md") {
  const std::string text = inspect_text({{"gpu", "h800"}, {"families", families()}});
  fmt::print("{}", text.substr(0, text.find("\n\n", text.find("\n\n") + 2) + 1));
}

TEST_CASE("slices held out of the fit of H800 are off by no more than this") {
  // Goals: 6 % mean and 3 % median (dense), 8 % (grouped), 5 % (MLA decode), 6 % (prefill attention).
  CHECK(error("dense_gemm_fp8", "slices_held_out", "mean") < 0.085);
  CHECK(error("dense_gemm_fp8", "slices_held_out", "median") < 0.055);
  CHECK(error("grouped_gemm_fp8_masked", "slices_held_out", "mean") < 0.085);
  CHECK(error("grouped_gemm_fp8_contiguous", "slices_held_out", "mean") < 0.05);
  CHECK(error("mla_decode_bf16", "inside", "mean") < 0.05);
  CHECK(error("prefill_attention_bf16", "inside", "mean") < 0.06);
}

TEST_CASE("the 90 % interval of a measured kernel holds 85 to 95 % of what it had not seen") {
  for (const char* family : {"dense_gemm_fp8", "grouped_gemm_fp8_masked", "grouped_gemm_fp8_contiguous",
                             "batched_gemm_bf16", "mla_decode_bf16"}) {
    INFO(family);
    const double known = families()[family]["errors"]["coverage"]["known"];
    CHECK(known > 0.85);
    CHECK(known < 0.95);
  }
  const double unknown = families()["dense_gemm_fp8"]["errors"]["coverage"]["unknown"];
  CHECK(unknown > 0.85);
  CHECK(unknown < 0.95);
}

}  // namespace
}  // namespace tideline::calib
