#include "sim/moe/gate.h"

#include <bit>
#include <cmath>
#include <numeric>

#include "sim/moe/eplb.h"
#include "sim/moe/layer_load.h"
#include "sim/moe/popularity.h"
#include "sim/network/routing.h"
#include "tests/doctest.h"
#include "tests/unit/moe/token_gate.h"

namespace tideline::moe {
namespace {

const GateShape kSmall{6, 3, 2, 3};
const std::vector<double> kSmallOdds = {1.0, 2.0, 0.5, 3.0, 1.5, 0.0};

// Every choice of three experts in two groups, with its weight.
template <class Visit>
void each_choice(Visit visit) {
  for (unsigned chosen = 0; chosen < 64; ++chosen) {
    if (std::popcount(chosen) != 3) continue;
    double weight = 1.0;
    int groups = 0;
    for (int e = 0; e < 6; ++e)
      if (chosen >> e & 1U) weight *= kSmallOdds[static_cast<std::size_t>(e)];
    for (int g = 0; g < 3; ++g) groups += (chosen >> (2 * g) & 3U) != 0;
    if (groups == 2) visit(chosen, weight);
  }
}

TEST_CASE("frequencies, touches and covariances are those of all choices listed one by one") {
  const Gate gate(kSmall, kSmallOdds);
  double total = 0.0, touched = 0.0;
  std::vector<double> frequency(6), mean(3), square(9);
  each_choice([&](unsigned chosen, double weight) {
    total += weight;
    const double miss_1 = (chosen >> 1 & 1U) ? 0.5 : 1.0, miss_4 = (chosen >> 4 & 1U) ? 0.0 : 1.0;
    touched += weight * (1.0 - miss_1 * miss_4);
    for (std::size_t e = 0; e < 6; ++e) frequency[e] += weight * (chosen >> e & 1U);
    for (std::size_t g = 0; g < 9; ++g) {
      const int a = std::popcount(chosen >> (2 * (g / 3)) & 3U);
      const int b = std::popcount(chosen >> (2 * (g % 3)) & 3U);
      square[g] += weight * a * b;
      if (g / 3 == g % 3) mean[g / 3] += weight * a;
    }
  });
  for (std::size_t e = 0; e < 6; ++e)
    CHECK(gate.frequencies()[e] == testing::about(frequency[e] / total, 1e-12));
  const std::vector<ExpertShare> held = {{1, 0.5}, {4, 1.0}};
  CHECK(gate.touch(held) == testing::about(touched / total, 1e-12));
  const std::vector<double> covariance = gate.group_covariance();
  for (std::size_t g = 0; g < 9; ++g)
    CHECK(covariance[g] ==
          testing::about(square[g] / total - mean[g / 3] * mean[g % 3] / total / total, 1e-9));
}

TEST_CASE("frequencies add up, and equal odds have bit-equal frequencies and touches") {
  const Gate gate({}, std::vector<double>(256, 3.0));
  const auto& f = gate.frequencies();
  CHECK(std::accumulate(f.begin(), f.end(), 0.0) == testing::about(8.0, 1e-12));
  for (std::int32_t e = 0; e < 256; ++e) CHECK(f[static_cast<std::size_t>(e)] == f[0]);
  const std::vector<ExpertShare> first = {{0, 1.0}, {1, 1.0}}, other = {{198, 1.0}, {199, 1.0}};
  CHECK(gate.touch(first) == gate.touch(other));
}

TEST_CASE("odds are found for frequencies that a gate can have, and for no others") {
  const Gate gate({}, draw_odds({}, {1.0, 0.3, 0.0}, Day::kPlan, 5, 0));
  const Gate again({}, odds_of({}, gate.frequencies()));
  for (std::size_t e = 0; e < 256; ++e)
    CHECK(again.frequencies()[e] == testing::about(gate.frequencies()[e], 1e-8));
  CHECK(odds_of({4, 2, 1, 1}, {1.0, 0.0, 0.0, 0.0}).empty());  // no luck left
  // Two groups of two, both chosen, two experts: one of each; but group 0 would have 1.2.
  CHECK(odds_of({4, 2, 2, 2}, {0.6, 0.6, 0.4, 0.4}).empty());
}

TEST_CASE("models without groups choose freely") {
  const Gate gate({8, 1, 1, 2}, std::vector<double>(8, 1.0));
  const std::vector<ExpertShare> held = {{0, 1.0}, {1, 1.0}};
  CHECK(gate.frequencies()[7] == testing::about(0.25, 1e-12));
  CHECK(gate.touch(held) == testing::about(1.0 - 15.0 / 28.0, 1e-12));
}

TEST_CASE("balanced experts are on as many nodes as independent scores say, within 1 %") {
  for (const std::int64_t nodes : {2, 4, 8, 16, 18}) {
    LayerLoad load;
    LayerModel::balanced({}, 8 * nodes, 8).expect(std::vector<double>(8 * nodes, 1.0), load);
    const double known = network::nodes_per_token(256, 8, 4, 8, nodes);
    CHECK(load.nodes_per_token == testing::about(known, 0.01));
  }
}

TEST_CASE("GPUs and nodes that a token goes to are within 1.5 % of a gate asked token by token") {
  const GateShape shape;
  for (const double sigma : {0.0, 0.5}) {
    std::vector<double> bias = draw_odds(shape, {sigma, 0.2, 0.0}, Day::kToday, 3, 0);
    for (double& b : bias) b = std::log(b);
    const TokenGate tokens(shape, bias);
    constexpr std::uint64_t kTokens = 40'000;
    std::vector<double> counts(256);
    std::vector<std::vector<std::int64_t>> choices;
    for (std::uint64_t n = 0; n < kTokens; ++n) {
      choices.push_back(tokens.choose(n));
      for (const std::int64_t e : choices.back()) counts[static_cast<std::size_t>(e)] += 1.0;
    }
    const Gate gate(shape, odds_of_counts(shape, counts));
    for (const std::int64_t places : {4, 8, 16, 32, 128}) {
      double expected = 0.0, met = 0.0;
      const Placement placement = in_order(256, 256, places);
      for (std::int64_t p = 0; p < places; ++p) expected += gate.touch(placement.held(p, p + 1));
      for (auto chosen : choices) {
        for (std::int64_t& e : chosen) e = e * places / 256;
        std::sort(chosen.begin(), chosen.end());
        met += static_cast<double>(std::unique(chosen.begin(), chosen.end()) - chosen.begin());
      }
      INFO("sigma ", sigma, ", ", places, " places: ", expected, " against ", met / kTokens);
      CHECK(std::abs(expected / (met / kTokens) - 1.0) < 0.015);
    }
  }
}

}  // namespace
}  // namespace tideline::moe
