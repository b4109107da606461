#include "sim/step/schedule.h"

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/catalog/models.h"
#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

using namespace literals;

StageTimes stages(double a0, double a1, double shared, double dispatch, double mlp, double combine) {
  return {Seconds(a0), Seconds(a1), Seconds(shared), Seconds(dispatch), Seconds(mlp), Seconds(combine)};
}

Unit deepseek(Phase phase) {
  return usual_unit(phase, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
}

StageWaits waits(Phase phase = Phase::kDecode) {
  static const StageWaits decode = stage_waits(any_layer(deepseek(Phase::kDecode))),
                          prefill = stage_waits(any_layer(deepseek(Phase::kPrefill)));
  return phase == Phase::kDecode ? decode : prefill;
}

Seconds layer_of(const char* schedule, const StageTimes& times) {
  return steady_layer(load_schedule(schedule), waits(), times);
}

TEST_CASE("without overlap a layer takes what its stages add up to") {
  const StageTimes t = stages(1, 2, 3, 10, 5, 7);
  CHECK(layer_of("none", t).value() == doctest::Approx(1 + 2 + 3 + 10 + 5 + 7));
  CHECK(run_layers(load_schedule("none"), waits(), t, 4).value() == doctest::Approx(4 * 28.0));
}

TEST_CASE("one batch with a stream for its exchanges hides the shared expert") {
  const StageTimes t = stages(1, 2, 3, 10, 5, 7);
  CHECK(layer_of("single_batch", t).value() == doctest::Approx(1 + 2 + 10 + 5 + 7));
}

TEST_CASE("a network-bound decode layer takes twice dispatch + MLP + combine") {
  // DeepSeek's own decode profile in microseconds: 2 x (187 + 128 + 394).
  const StageTimes t = stages(63, 344, 34, 187, 128, 394);
  CHECK(layer_of("two_batch_decode", t).value() == doctest::Approx(2.0 * (187 + 128 + 394)));
}

TEST_CASE("a compute-bound decode layer takes its compute, all communication hidden") {
  const StageTimes t = stages(60, 300, 40, 80, 100, 200);
  CHECK(layer_of("two_batch_decode", t).value() == doctest::Approx(2.0 * (60 + 300 + 40 + 100)));
}

TEST_CASE("which stages may meet an exchange: of one batch SHARED, of two all but the experts of decode") {
  using Side = std::array<bool, kStages>;  // ATTN-0, ATTN-1, SHARED, DISPATCH, MLP, COMBINE
  CHECK(side_by_side(load_schedule("none"), waits()) == Side{});
  CHECK(side_by_side(load_schedule("single_batch"), waits()) == Side{false, false, true, true, false, false});
  CHECK(side_by_side(load_schedule("two_batch_decode"), waits()) ==
        Side{true, true, true, true, false, true});
  const Side prefill = side_by_side(load_schedule("two_batch_prefill"), waits(Phase::kPrefill));
  for (const Stage s : {Stage::kAttention1, Stage::kShared, Stage::kDispatch, Stage::kMlp, Stage::kCombine})
    CHECK(prefill[static_cast<std::size_t>(s)]);
}

TEST_CASE("a prefill layer is bound by the longer of its two streams") {
  const StageTimes compute_bound = stages(0, 7, 1, 3, 7, 4);
  CHECK(layer_of("two_batch_prefill", compute_bound).value() == doctest::Approx(2.0 * 15));
  const StageTimes network_bound = stages(0, 2, 0, 5, 2, 9);
  CHECK(layer_of("two_batch_prefill", network_bound).value() >= 2.0 * 14);
}

TEST_CASE("no stage made shorter makes a run longer") {
  const StageTimes base = stages(63, 344, 34, 187, 128, 394);
  for (const std::string& name : catalog::known_names("overlap")) {
    const Schedule s = load_schedule(name);
    for (int i = 0; i < kStages; ++i) {
      StageTimes shorter = base;
      shorter[static_cast<std::size_t>(i)] *= 0.5;
      CHECK(run_layers(s, waits(), shorter, 58) <= run_layers(s, waits(), base, 58));
    }
  }
}

TEST_CASE("a line of stages takes its critical path, whatever the schedule") {
  const StageTimes t = stages(1, 2, 0, 10, 5, 7);
  for (const std::string& name : catalog::known_names("overlap")) {
    Schedule one = load_schedule(name);
    if (one.micro_batches == 1) CHECK(run_layers(one, waits(), t, 3).value() == doctest::Approx(3 * 25.0));
  }
}

TEST_CASE("every schedule of models/overlap can run a decode and a prefill layer") {
  for (const Phase phase : {Phase::kDecode, Phase::kPrefill})
    for (const std::string& name : catalog::known_names("overlap"))
      CHECK(why_it_cannot_run(load_schedule(name), waits(phase)) == "");
}

TEST_CASE("a stage that stands before what it waits for is named") {
  Schedule s = load_schedule("none");
  std::swap(s.layer[3], s.layer[4]);
  CHECK(why_it_cannot_run(s, waits()) == "MLP of micro-batch 0 stands before the DISPATCH that it waits for");
}

TEST_CASE("the stages of a decode layer wait for each other as DeepSeek's five stages do") {
  const auto of = [](Stage s) { return waits()[static_cast<std::size_t>(s)]; };
  CHECK(of(Stage::kAttention1).size() == 1);
  CHECK(of(Stage::kAttention1)[0].stage == Stage::kAttention0);
  CHECK(of(Stage::kMlp)[0].stage == Stage::kDispatch);
  REQUIRE(of(Stage::kAttention0).size() == 2);  // the layer before: the shared expert and the combine
  for (const Wait& w : of(Stage::kAttention0)) CHECK(w.layers_back == 1);
}

TEST_CASE("no schedule beats the longest chain of operations") {
  const Unit u = deepseek(Phase::kDecode);
  std::vector<Operation> layer =
      moe_layer(u, DecodeBatch{.tokens = 64, .requests = 32, .kv_tokens = 4096, .expert_rows = 512});
  StageTimes times{};
  for (std::size_t i = 0; i < layer.size(); ++i) {
    layer[i].cost.time = Seconds(1e-6 * static_cast<double>(1 + i % 5));
    at(times, layer[i].stage) += layer[i].time();
  }
  const Seconds longest = critical_path(operation_graph(layer));
  CHECK(longest > Seconds(0.0));
  for (const std::string& name : catalog::known_names("overlap")) {
    const Schedule s = load_schedule(name);
    CHECK(run_layers(s, waits(), times, 1) >= longest);
  }
}

}  // namespace
}  // namespace tideline::step
