// What one GPU of a unit holds.
#include "sim/step/unit.h"

#include "tests/doctest.h"

namespace tideline::step {
namespace {

TEST_CASE("a token's cache is that of all layers, and of the MTP layer that makes drafts") {
  Unit unit = usual_unit(Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 18);
  unit.redundant_experts = 32;
  const double weights = unit.weights_per_gpu().value(), without = unit.kv_capacity_tokens(0.1);
  CHECK(unit.kv_per_token().value() == 70272.0);
  unit.draft_tokens = 1;
  CHECK(unit.kv_per_token().value() == 71424.0);  // 62 x (512 + 64) x 2 B
  CHECK(unit.weights_per_gpu().value() == weights);
  CHECK(unit.kv_capacity_tokens(0.1) == doctest::Approx(without * 61.0 / 62.0));
  unit.draft_tokens = 3;  // of the one module again and again
  CHECK(unit.kv_per_token().value() == 71424.0);
}

}  // namespace
}  // namespace tideline::step
