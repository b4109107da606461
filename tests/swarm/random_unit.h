// A random deployment unit and its load, for laws that must hold of any: the same number, the same unit. A
// law that fails prints its number; TIDELINE_SWARM=number runs that one alone.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/step/rank_load.h"
#include "sim/step/unit.h"

namespace tideline::swarm {

class Dice {
 public:
  explicit Dice(std::uint64_t number) : number_(number) {}
  double between(double low, double high) { return low + (high - low) * next(); }
  std::int64_t whole(std::int64_t low, std::int64_t high) {  // both ends too
    return low + static_cast<std::int64_t>(next() * static_cast<double>(high - low + 1));
  }
  bool one_in(int n) { return whole(1, n) == 1; }
  template <class T>
  T pick(std::initializer_list<T> of) {
    return of.begin()[whole(0, static_cast<std::int64_t>(of.size()) - 1)];
  }

 private:
  double next() { return uniform(stream_.block(number_, n_++)[0]); }
  RandomStream stream_{1, 0, Purpose::kRequest};
  std::uint64_t number_, n_ = 0;
};

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
  catalog::Llm llm = catalog::load_llm("deepseek-v3");
  llm.layers = llm.dense_layers + 4;  // each with its own popularity, which takes most of the time
  const auto document = config::Document::parse(out.text, fmt::format("unit {}", number));
  out.unit = step::read_unit(document.root(), decode ? step::Phase::kDecode : step::Phase::kPrefill, llm,
                             catalog::load_node("h800-8"));
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

template <class Law>
void for_numbers(std::uint64_t count, Law law) {
  const char* only = std::getenv("TIDELINE_SWARM");
  const std::uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 0;
  for (std::uint64_t n = first; n < (only != nullptr ? first + 1 : count); ++n) law(n);
}

}  // namespace tideline::swarm
