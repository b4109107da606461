// How far from the world? `tideline validate` prints the whole table; what stands here are its promises:
// figures that nothing was fitted to, and how far off they may be before somebody has to look.
#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "sim/examination/examination.h"
#include "tests/doctest.h"

namespace tideline::examination {
namespace {

const Case& named(const std::vector<Case>& cases, std::string_view name) {
  return *std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return c.name == name; });
}

TEST_CASE("a decode layer of the published profile within 6 %, and its step") {
  const auto cases = examine_decode();
  CHECK(std::abs(named(cases, "layer").error()) < 0.06);
  CHECK(std::abs(named(cases, "step").error()) < 0.06);
}

TEST_CASE("a prefill layer of the published profile within 6 %") {
  CHECK(std::abs(named(examine_prefill(), "layer").error()) < 0.06);
}

TEST_CASE("with tokens drawn, both models of an exchange within 3 % of both layers") {
  for (const Case& c : examine_drawn_tokens()) {
    INFO(c.name, " ", c.predicted, " ms");
    CHECK(c.holds());
  }
}

// Wider than the goal of 10 %, which prefill's GEMM misses by 3 points and the gaps of decode by as much:
// `tideline validate` says so and exits 4. This only holds what has been reached.
TEST_CASE("kernel time of a layer by group within 15 % of the published parts") {
  for (const auto& cases : {examine_decode(), examine_prefill()})
    for (const Case& c : cases) {
      if (c.name.starts_with("exposed"))
        continue;  // differences of large numbers: in the table, not promised
      INFO(c.group, ": ", c.name, " ", c.predicted, " ms");
      CHECK(std::abs(c.error()) < 0.15);
    }
}

TEST_CASE("every published DeepEP all-to-all on H800 that was fitted within 8 %") {
  for (const Case& c : compare_fitted_all_to_alls()) {
    INFO(c.name, " ", c.predicted, " us");
    CHECK(std::abs(c.error()) < 0.08);
  }
}

}  // namespace
}  // namespace tideline::examination
