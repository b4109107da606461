// What one GPU of a unit holds.
#include "sim/step/unit.h"

#include "sim/step/operation_list.h"
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

TEST_CASE("replicas are as few as make the experts divide, and none where they do") {
  Unit unit = usual_unit(Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
  CHECK(unit.fewest_replicas() == 0);  // 256 over 32
  unit.nodes = 18;
  CHECK(unit.fewest_replicas() == 32);  // 288 over 144
}

TEST_CASE("the middle layer has experts, however many layers have none") {
  Unit unit = usual_unit(Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
  CHECK(unit.middle_layer() == 30);  // of 61
  unit.llm.layers = 10, unit.llm.dense_layers = 8;
  CHECK(unit.middle_layer() == 8);
}

TEST_CASE("nodes whose exchanges nobody has fitted have today's library, and NVLink inside") {
  const auto read = [](const char* node, Phase phase) {
    const auto document = config::Document::parse(
        R"({"nodes": 1, "exchange": "counted", "expert_load": {"kind": "balanced"}})", "unit");
    return read_unit(document.root(), phase, catalog::load_llm("deepseek-v3"), catalog::load_node(node));
  };
  CHECK(read("h200-8", Phase::kDecode).nvlink_in_node);
  CHECK(read("h200-8", Phase::kPrefill).all_to_all == "v1-2025-04");
  CHECK_FALSE(read("h800-8", Phase::kDecode).nvlink_in_node);
  CHECK(read("h800-8", Phase::kPrefill).all_to_all == "v1-2025-02");
}

// A product cannot be quicker than its weights come from memory.
TEST_CASE("weights in BF16 are read as two bytes each") {
  const Unit unit =
      usual_unit(Phase::kDecode, catalog::load_llm("qwen3-235b-a22b"), catalog::load_node("h200-8"), 1);
  const auto kernels = kernels::KernelModel::load(unit.node.gpu);
  const OperationList operations(unit, kernels);
  const DecodeBatch batch{.tokens = 32, .requests = 32, .kv_tokens = 1024, .expert_rows = 256};
  for (const Operation& o : operations.moe_layer(batch, Beside::kNothing))
    if (o.name == "qkv") {
      const double bytes = 2.0 * 4096 * (64 + 2 * 4) * 128;
      CHECK(o.cost.roofline >= Bytes(bytes) / unit.node.gpu.bandwidth);
      CHECK(o.cost.time >= o.cost.roofline * 0.98);
    }
}

}  // namespace
}  // namespace tideline::step
