// Do two ways to a step agree? The simulation, kernel by kernel on every GPU, and the closed composition of
// the stages of one: where all GPUs are alike they are the same physics.
#include <algorithm>
#include <vector>

#include "sim/step/simulation.h"
#include "sim/step/step_model.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

Unit deepseek(Phase phase, std::int64_t nodes) {
  Unit u = usual_unit(phase, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), nodes);
  if (phase == Phase::kDecode) u.draft_tokens = 1;
  return u;
}

struct Twins {
  explicit Twins(const Unit& u)
      : simulation(u, kernels::KernelModel::load(u.node.gpu)),
        model(u, kernels::KernelModel::load(u.node.gpu)),
        balanced(u, 1) {}
  SimulatedStep simulate(const std::vector<RankLoad>& ranks) { return simulation.run(ranks, balanced); }
  StepSimulation simulation;
  StepModel model;
  TrafficSource balanced;
};

TEST_CASE("a balanced decode step: within 2 % from 2 to 256 requests a GPU") {
  for (const char* schedule : {"two_batch_decode", "single_batch", "none"}) {
    Unit u = deepseek(Phase::kDecode, 4);
    u.schedule = load_schedule(schedule);
    Twins t(u);
    for (const double requests : {2.0, 16.0, 64.0, 128.0, 256.0}) {
      const double kv = requests * 5000;
      const double simulated = t.simulate({{.requests = requests, .kv_tokens = kv}}).total.value();
      INFO(requests, " requests a GPU");
      CHECK(simulated ==
            doctest::Approx(t.model.decode({requests, requests, kv}).total().value()).epsilon(0.02).scale(0));
    }
  }
}

TEST_CASE("a balanced prefill pass: within 3 % from 1024 to 16384 tokens a GPU") {
  Twins t(deepseek(Phase::kPrefill, 4));
  for (const double tokens : {1024.0, 4096.0, 16384.0}) {
    const double pairs = tokens * 2048;
    const double simulated =
        t.simulate({{.tokens = tokens, .pairs = pairs, .context = tokens}}).total.value();
    INFO(tokens, " tokens a GPU");
    CHECK(simulated == doctest::Approx(t.model.prefill({tokens, tokens, pairs, tokens}).total().value())
                           .epsilon(0.03)
                           .scale(0));
  }
}

TEST_CASE("a pass that fills the cache of the MTP layer takes a layer longer, two at most") {
  Unit u = deepseek(Phase::kPrefill, 4);
  Twins without(u);
  u.draft_tokens = 1;
  Twins with(u);
  const RankLoad load{.tokens = 8192, .pairs = 8192 * 2048.0, .context = 8192};
  const SimulatedStep longer = with.simulate({load}), pass = without.simulate({load});
  CHECK(longer.total > pass.total + pass.moe_layer);
  CHECK(longer.total < pass.total + pass.moe_layer * 2.0);
  CHECK(longer.total.value() ==
        testing::about(with.model.prefill({8192, 8192, load.pairs, 8192}).total().value(), 0.02));
}

// A kernel that outlasts its exchanges: the pass is shorter than were all beside one, longer than were none.
TEST_CASE("an exchange slows a kernel for as long as it lasts") {
  const Unit u = deepseek(Phase::kPrefill, 4);
  Unit free = u;
  free.communication_sms = 0;
  const RankLoad load{.tokens = 8192, .pairs = 8192 * 16384.0, .context = 8192};
  const OperationList operations(u, kernels::KernelModel::load(u.node.gpu));
  const PrefillBatch batch{.tokens = 4096, .context_tokens = 4096, .pairs = 4096 * 16384.0};
  const auto core = [&](Beside beside) {
    for (const Operation& o : operations.moe_layer(batch, beside))
      if (o.kind == Kind::kAttention) return 2.0 * o.cost.time.value();
    return 0.0;
  };
  const double attention =
      Twins(u).simulate({load}).parts.kernels_s[static_cast<std::size_t>(Kind::kAttention)];
  CHECK(attention > 1.01 * core(Beside::kNothing));
  CHECK(attention < 0.95 * core(Beside::kExchange));
  CHECK(Twins(free).simulate({load}).parts.kernels_s[static_cast<std::size_t>(Kind::kAttention)] ==
        testing::about(core(Beside::kNothing), 1e-3));
}

TEST_CASE("what the parts of a layer add up to is the layer") {
  Twins t(deepseek(Phase::kDecode, 4));
  const SimulatedStep s = t.simulate({{.requests = 128, .kv_tokens = 128 * 4096.0}});
  CHECK(s.parts.total_s() == doctest::Approx(s.moe_layer.value()).epsilon(0.01).scale(0));
}

TEST_CASE("of a model of one layer too, whose last combine no layer waits for") {
  for (const char* schedule : {"two_batch_decode", "single_batch", "none"}) {
    Unit u = deepseek(Phase::kDecode, 4);
    u.llm.dense_layers = 0, u.llm.layers = 1, u.llm.mtp_layers = 0, u.draft_tokens = 0;
    u.schedule = load_schedule(schedule);
    Twins t(u);
    const SimulatedStep s = t.simulate({{.requests = 128, .kv_tokens = 128 * 4096.0}});
    INFO(schedule);
    CHECK(s.parts.combine_exposed_s > 0.1 * s.parts.combine_s);
    CHECK(s.parts.total_s() == testing::about(s.moe_layer.value(), 0.01));
  }
}

TEST_CASE("one GPU with twice the load holds all the others up, almost as if all had it") {
  Twins t(deepseek(Phase::kDecode, 4));
  const RankLoad usual{.requests = 64, .kv_tokens = 64 * 5000.0},
      twice{.requests = 128, .kv_tokens = 128 * 5000.0};
  std::vector<RankLoad> ranks(32, usual);
  const double even = t.simulate({usual}).total.value(), full = t.simulate({twice}).total.value();
  ranks[7] = twice;
  const double one = t.simulate(ranks).total.value();
  CHECK(one > even + 0.5 * (full - even));
  CHECK(one <= full);
}

TEST_CASE("two micro-batches lose at small batches and win at large ones") {
  Unit u = deepseek(Phase::kDecode, 16);
  Twins two(u);
  u.schedule = load_schedule("none");
  Twins none(u);
  const RankLoad small{.requests = 4, .kv_tokens = 4 * 4096.0},
      large{.requests = 128, .kv_tokens = 128 * 4096.0};
  CHECK(two.simulate({small}).total > none.simulate({small}).total);
  CHECK(two.simulate({large}).total < none.simulate({large}).total * 0.75);
}

TEST_CASE("launched one by one, few tokens take as long as the host takes to launch, many hardly longer") {
  Unit u = deepseek(Phase::kPrefill, 4);
  Twins eager(u);
  u.launch = kernels::Launch::kGraph;
  Twins graph(u);
  const auto pass = [](double tokens) {
    return std::vector<RankLoad>{{.tokens = tokens, .pairs = tokens * 2048, .context = tokens}};
  };
  const double pace = kernels::KernelModel::load(u.node.gpu).host_launch().pace.value();
  // 23 kernels and 5 launches of exchanges a micro-batch.
  const double launches = 2.0 * (23 + 5);
  const SimulatedStep few = eager.simulate(pass(128));
  CHECK(few.moe_layer.value() == doctest::Approx(launches * pace).epsilon(0.05).scale(0));
  CHECK(graph.simulate(pass(128)).moe_layer < few.moe_layer * 0.7);
  CHECK(eager.simulate(pass(16384)).moe_layer < graph.simulate(pass(16384)).moe_layer * 1.01);
}

TEST_CASE("perfect balance is never slower than skew, and the same step gives the same nanoseconds") {
  const Unit u = deepseek(Phase::kDecode, 4);
  Twins t(u);
  const std::vector<RankLoad> load{{.requests = 96, .kv_tokens = 96 * 5000.0}};
  const SimulatedStep balanced = t.simulate(load);
  Seconds before = balanced.total;
  for (const double skew : {1.05, 1.2, 1.5, 2.0}) {
    Unit skewed = u;
    skewed.experts.busiest_over_mean = skew;
    TrafficSource traffic(skewed, 1);
    const Seconds total = t.simulation.run(load, traffic).total;
    CHECK(total >= before);
    before = total;
  }
  CHECK(t.simulate(load).total == balanced.total);
  CHECK(t.simulate(load).events == balanced.events);
}

TEST_CASE("spans tell every kernel, none overlapping another on its stream") {
  const Unit u = deepseek(Phase::kDecode, 1);
  Twins t(u);
  const SimulatedStep s = t.simulation.run(std::vector<RankLoad>{{.requests = 8, .kv_tokens = 8 * 1000.0}},
                                           t.balanced, {.spans = true});
  std::vector<Span> compute;
  for (const Span& span : s.spans)
    if (span.gpu == 3 && span.stream == Stream::kCompute) compute.push_back(span);
  CHECK(compute.size() * 8 == s.kernels);
  std::ranges::sort(compute, {}, [](const Span& span) { return span.begin; });
  for (std::size_t i = 1; i < compute.size(); ++i) CHECK(compute[i].begin >= compute[i - 1].end);
}

}  // namespace
}  // namespace tideline::step
