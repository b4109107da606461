// Does a unit of any size run, on any node, under either model of an exchange? And does a larger one exchange
// for longer, as it must with as many tokens a GPU: more of them leave the GPU, and the node?
#include <cmath>
#include <string>
#include <vector>

#include "sim/step/simulation.h"
#include "tests/doctest.h"
#include "tests/swarm/random_unit.h"

namespace tideline::swarm {
namespace {

using step::Phase;

// H800's GPU in the node of another: its kernels are measured, the exchanges of its links are not.
catalog::NodeType node_of(const std::string& name) {
  catalog::NodeType node = catalog::load_node(name);
  node.gpu = h800().gpu;
  return node;
}

// As many redundant experts as fill the last slots: 64 on 320 GPUs, one expert a GPU.
step::Unit unit_of(Phase phase, std::int64_t gpus, const catalog::NodeType& node,
                   const std::string& exchange) {
  const std::int64_t redundant = (256 + gpus - 1) / gpus * gpus - 256;
  const auto document =
      config::Document::parse(fmt::format(R"({{"nodes": {}, "redundant_experts": {}, "exchange": "{}", )"
                                          R"("expert_load": {{"kind": "balanced"}}}})",
                                          gpus / 8, redundant, exchange),
                              "unit");
  step::Unit unit = step::read_unit(document.root(), phase, few_layers(), node);
  document.finish();
  return unit;
}

step::SimulatedStep simulate(const step::Unit& unit, const kernels::KernelModel& kernels) {
  const step::RankLoad decode{.requests = 64, .kv_tokens = 64 * 4096.0},
      prefill{.tokens = 4096, .pairs = 4096 * 2048.0, .context = 4096};
  step::TrafficSource traffic(unit, 1);
  return step::StepSimulation(unit, kernels)
      .run({unit.phase == Phase::kDecode ? &decode : &prefill, 1}, traffic, {.moe_layers_max = 3});
}

struct Machine {
  std::string node, exchange;
};

TEST_CASE("8 to 320 GPUs in both phases: every step has a time, and exchanges grow with the unit") {
  const kernels::KernelModel kernels = kernels::KernelModel::load(h800().gpu);
  for (const Machine& machine : {Machine{"h800-8", "fitted"}, Machine{"h800-8", "counted"},
                                 Machine{"h100-8", "counted"}, Machine{"h20-8", "counted"}})
    for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
      step::LayerParts smaller{};
      for (const std::int64_t gpus : {8, 16, 32, 64, 72, 128, 144, 256, 320}) {
        INFO(machine.node, ", ", machine.exchange, phase == Phase::kDecode ? ", decode" : ", prefill", ", EP",
             gpus);
        const step::SimulatedStep s =
            simulate(unit_of(phase, gpus, node_of(machine.node), machine.exchange), kernels);
        CHECK(std::isfinite(s.layers.value()));
        CHECK(s.layers.value() > 3 * s.parts.kernels_s[0]);
        CHECK(s.parts.dispatch_s >= smaller.dispatch_s);
        CHECK(s.parts.combine_s >= smaller.combine_s);
        CHECK(s.parts.dispatch_s > 0.0);
        smaller = s.parts;
      }
    }
}

TEST_CASE(
    "on a node that nobody measured, exchanges over NICs of the same rate take what they take on H800") {
  const kernels::KernelModel kernels = kernels::KernelModel::load(h800().gpu);
  const step::Unit h800_unit = unit_of(Phase::kDecode, 32, h800(), "counted");
  step::Unit h100_unit = unit_of(Phase::kDecode, 32, node_of("h100-8"), "counted");
  h100_unit.nvlink_in_node = false;
  CHECK(simulate(h100_unit, kernels).parts.combine_s == simulate(h800_unit, kernels).parts.combine_s);
}

}  // namespace
}  // namespace tideline::swarm
