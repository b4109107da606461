// A random deployment unit and its load, for laws that must hold of any: the same number, the same unit. A
// law that fails prints its number; TIDELINE_SWARM=number runs that one alone.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/step/rank_load.h"
#include "sim/step/unit.h"
#include "tests/swarm/dice.h"

// Stands in a failure below it.
#define TELL(n, r) INFO("TIDELINE_SWARM=", n, " repeats this unit: ", (r).text)

namespace tideline::swarm {

// What the random units of a law have in common.
struct Kind {
  bool counted = false;  // else either model of an exchange
  bool whole = false;    // no degraded NIC, no short spine
  std::int64_t nodes = 0;
};

struct RandomUnit {
  std::string text;  // as a scenario would have it
  step::Unit unit;
  std::vector<double> tokens;  // by GPU, of a micro-batch
};

inline std::string random_network(Dice& dice, std::int64_t nodes) {
  std::string degraded;
  for (std::int64_t i = dice.whole(0, 3); i > 0; --i)
    degraded += fmt::format(R"({}{{"gpu": {}, "share": {:.3f}}})", degraded.empty() ? "" : ", ",
                            dice.whole(0, 8 * nodes - 1), dice.between(0.1, 1.0));
  return fmt::format(R"("network": {{"nodes_per_leaf": {}, "oversubscription": {:.2f}, "degraded": [{}]}}, )",
                     dice.whole(1, 8), dice.between(1.0, 4.0), degraded);
}

// DeepSeek-V3 with four of its 58 MoE layers: each has its own popularity, which takes most of the time.
inline const catalog::Llm& few_layers() {
  static const catalog::Llm llm = [] {
    catalog::Llm m = catalog::load_llm("deepseek-v3");
    m.layers = m.dense_layers + 4;
    return m;
  }();
  return llm;
}

inline const catalog::NodeType& h800() {
  static const catalog::NodeType node = catalog::load_node("h800-8");
  return node;
}

inline RandomUnit random_unit(std::uint64_t number, const Kind& kind = {}) {
  Dice dice(number);
  const bool decode = dice.one_in(2), counted = kind.counted || dice.one_in(2);
  const std::int64_t nodes = kind.nodes > 0 ? kind.nodes : dice.pick<std::int64_t>({1, 2, 3, 4, 9, 18});
  const std::int64_t gpus = 8 * nodes, slots = (256 + gpus - 1) / gpus + dice.whole(0, 1);
  RandomUnit out;
  out.text = fmt::format(R"({{"nodes": {}, "redundant_experts": {}, )", nodes, slots * gpus - 256);
  if (counted) out.text += R"("exchange": "counted", )";
  if (counted && !kind.whole) out.text += random_network(dice, nodes);
  if (counted) out.text += fmt::format(R"("all_to_all": "v1-2025-0{}", )", dice.pick({2, 4}));
  if (counted && decode) out.text += fmt::format(R"("nvlink_in_node": {}, )", dice.one_in(2));
  out.text += fmt::format(R"("expert_load": {{"kind": "skew", "expert_sigma": {:.2f}, "balancer": "{}"}}}})",
                          dice.between(0.0, 1.0), dice.pick({"eplb", "none"}));
  const auto document = config::Document::parse(out.text, fmt::format("unit {}", number));
  out.unit = step::read_unit(document.root(), decode ? step::Phase::kDecode : step::Phase::kPrefill,
                             few_layers(), h800());
  document.finish();
  const double usual = decode ? dice.between(1.0, 200.0) : dice.between(200.0, 8000.0);
  for (std::int64_t g = 0; g < gpus; ++g) out.tokens.push_back(usual * dice.between(0.5, 1.5));
  return out;
}

// The same unit with its experts in perfect balance.
inline step::Unit balanced(step::Unit unit) {
  unit.experts = {};
  return unit;
}

// Where the tokens of a micro-batch go in a layer of the unit.
inline step::ExpertTraffic traffic(const step::Unit& unit, const std::vector<double>& tokens) {
  step::ExpertTraffic out;
  step::TrafficSource(unit, 1).draw(static_cast<int>(unit.llm.layers) - 1, 0, tokens, out);
  return out;
}

}  // namespace tideline::swarm
