// Does a day feel a slow NIC and a short spine as a step does? The corrected composition, which the fleet
// reads, between the points where it was corrected.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/base/random.h"
#include "sim/step/correction.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

Unit decode_unit(const std::string& network) {
  const auto document =
      config::Document::parse(R"({"nodes": 4, "draft_tokens": 1, "exchange": "counted", "network": )" +
                                  network + R"(, "expert_load": {"kind": "balanced"}})",
                              "unit");
  Unit unit = read_unit(document.root(), Phase::kDecode, catalog::load_llm("deepseek-v3"),
                        catalog::load_node("h800-8"));
  document.finish();
  return unit;
}

TEST_CASE("slow NICs and short spines: the corrected composition within 0.1 % of the simulated step") {
  for (const char* network :
       {"null", R"({"degraded": [{"gpu": 9, "share": 0.5}]})", R"({"degraded": [{"rail": 3, "share": 0.1}]})",
        R"({"oversubscription": 3, "nodes_per_leaf": 2})"}) {
    const Unit unit = decode_unit(network);
    const auto kernels = kernels::KernelModel::load(unit.node.gpu);
    const StepModel model(unit, kernels);
    const StepSimulation simulation(unit, kernels);
    TrafficSource traffic(unit, 1);
    const DecodeCorrection correction(simulation, model, traffic);
    double worst = 0.0;
    for (std::uint64_t i = 0; i < 8; ++i) {
      const PhiloxBlock bits = RandomStream(3, 0, Purpose::kRequest).block(i);
      const double requests = 10.0 + 190.0 * uniform(bits[0]),
                   kv = requests * (1500 + 7500 * uniform(bits[1]));
      const RankLoad load{.requests = requests, .kv_tokens = kv};
      const double simulated = simulation.run({&load, 1}, traffic).total.value();
      worst = std::max(worst, std::abs(correction({requests, requests, kv}).value() / simulated - 1.0));
    }
    std::printf("%-50s worst %.2f %%\n", network, 100 * worst);
    INFO(network);
    CHECK(worst < 0.001);
  }
}

TEST_CASE(
    "uneven experts: exchanges that are fitted and those that are counted make a pass as long within 4 %") {
  for (const auto balancer : {moe::Balancer::kEplb, moe::Balancer::kNone}) {
    Unit unit =
        usual_unit(Phase::kPrefill, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
    unit.redundant_experts = 32;
    unit.experts = {.kind = moe::LoadKind::kSkew, .balancer = balancer, .skew = moe::kMeasuredSkew};
    const auto kernels = kernels::KernelModel::load(unit.node.gpu);
    const auto pass = [&](ExchangeModel exchange) {
      unit.exchange = exchange;
      TrafficSource traffic(unit, 1);
      const RankLoad load{.tokens = 16384, .pairs = 16384 * 2048.0, .context = 16384};
      return StepSimulation(unit, kernels).run({&load, 1}, traffic).total.value();
    };
    const double fitted = pass(ExchangeModel::kFitted), counted = pass(ExchangeModel::kCounted);
    std::printf("balancer %d: fitted %.1f ms, counted %.1f ms\n", static_cast<int>(balancer), fitted * 1e3,
                counted * 1e3);
    CHECK(fitted == testing::about(counted, 0.04));
  }
}

}  // namespace
}  // namespace tideline::step
