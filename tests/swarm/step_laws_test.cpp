// Laws of whole steps, every kernel of every GPU, on random units. Streams run their stages in a fixed order,
// so that nothing is scheduled worse for being sooner; but a kernel that an exchange runs beside is slower
// (by up to a quarter in prefill), and an exchange that starts or ends sooner may slow another kernel than
// before. So the laws hold within a tolerance: of 100 units none was slower by a faster link or by balance,
// four by faster memory, by 0.06 % at most.
#include <algorithm>

#include "sim/step/simulation.h"
#include "tests/doctest.h"
#include "tests/swarm/random_unit.h"

namespace tideline::swarm {
namespace {

using step::Unit;
constexpr std::uint64_t kUnits = 10;
constexpr double kBeside = 0.003;

std::vector<step::RankLoad> loads(const RandomUnit& r) {
  std::vector<step::RankLoad> out;
  for (const double tokens : r.tokens)
    out.push_back(r.unit.phase == step::Phase::kDecode
                      ? step::RankLoad{.requests = tokens, .kv_tokens = tokens * 3000}
                      : step::RankLoad{.tokens = tokens, .pairs = tokens * 1024, .context = tokens});
  return out;
}

double layers_s(const Unit& unit, const std::vector<step::RankLoad>& ranks) {
  step::TrafficSource traffic(unit, 1);
  const step::StepSimulation simulation(unit, kernels::KernelModel::load(unit.node.gpu));
  return simulation.run(ranks, traffic, {.moe_layers_max = 4}).layers.value();
}

TEST_CASE("a step is no slower with more bandwidth: NIC, NVLink, memory") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    const RandomUnit r = random_unit(n);
    TELL(n, r);
    const auto ranks = loads(r);
    const double usual = layers_s(r.unit, ranks);
    for (BytesPerSecond catalog::NodeType::*rate : {&catalog::NodeType::nic, &catalog::NodeType::nvlink}) {
      Unit faster = r.unit;
      faster.node.*rate = faster.node.*rate * 1.1;
      CHECK(layers_s(faster, ranks) <= usual * (1 + kBeside));
    }
    Unit faster = r.unit;
    faster.node.gpu.bandwidth = faster.node.gpu.bandwidth * 1.1;
    CHECK(layers_s(faster, ranks) <= usual * (1 + kBeside));
  });
}

TEST_CASE("a step of a unit with NICs and spine whole is no slower in perfect balance") {
  for_numbers(kUnits, [&](std::uint64_t n) {
    RandomUnit r = random_unit(n, {.whole = true});
    TELL(n, r);
    std::ranges::fill(r.tokens, r.tokens[0]);
    const auto ranks = loads(r);
    CHECK(layers_s(balanced(r.unit), ranks) <= layers_s(r.unit, ranks) * (1 + kBeside));
  });
}

}  // namespace
}  // namespace tideline::swarm
