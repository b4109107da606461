#include "sim/moe/layer_load.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/moe/eplb.h"
#include "sim/moe/load_model.h"
#include "tests/doctest.h"
#include "tests/unit/moe/token_gate.h"

namespace tideline::moe {
namespace {

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

Gate skewed_gate() { return {{}, draw_odds({}, kMeasuredSkew, Day::kToday, 1, 0)}; }

TEST_CASE("rows and copies add up, whatever the luck") {
  const Gate gate = skewed_gate();
  const LayerModel model(gate, eplb(gate.frequencies(), {144, 18, 288, 8}), 8);
  for (const double tokens : {0.0, 1.0, 128.0, 16384.0}) {
    const std::vector<double> by_gpu(144, tokens);
    LayerLoad load;
    model.draw(by_gpu, 1, 0, 3, load);
    CHECK(sum(load.rows_by_expert) == testing::about(8.0 * 144.0 * tokens, 1e-10));
    CHECK(sum(load.rows_by_slot) == testing::about(8.0 * 144.0 * tokens, 1e-10));
    CHECK(sum(load.rows_by_gpu) == testing::about(8.0 * 144.0 * tokens, 1e-10));
    CHECK(sum(load.gpu_copies_sent_by_gpu) ==
          testing::about(sum(load.tokens_received_by_gpu), 1e-10));
    CHECK(sum(load.node_copies_sent_by_gpu) ==
          testing::about(sum(load.tokens_received_by_node), 1e-10));
    CHECK(std::ranges::min(load.rows_by_expert) >= 0.0);
    for (std::size_t g = 0; g < 144; ++g)
      CHECK(load.tokens_received_by_gpu[g] <= std::min(load.rows_by_gpu[g], 144.0 * tokens));
  }
}

TEST_CASE("a token is on as many GPUs as its gate has it") {
  const GateShape deepseek{256, 8, 4, 8};
  CHECK(parts_per_token(deepseek, 8) == testing::about(4.0, 1e-12));  // four of eight groups, a GPU each
  CHECK(parts_per_token(deepseek, 1) == testing::about(1.0, 1e-12));
  CHECK(parts_per_token(deepseek, 256) == testing::about(8.0, 1e-12));
  CHECK(parts_per_token({8, 1, 1, 2}, 8) == testing::about(2.0, 1e-12));  // Mixtral's
}

TEST_CASE("a draw depends on seed, layer and micro-batch, and comes again") {
  const Gate gate = skewed_gate();
  const LayerModel model(gate, in_order(256, 256, 32), 8);
  const std::vector<double> tokens(32, 512.0);
  const auto rows = [&](std::uint64_t seed, std::int64_t layer, std::int64_t micro_batch) {
    LayerLoad load;
    model.draw(tokens, seed, layer, micro_batch, load);
    return load.rows_by_gpu;
  };
  CHECK(rows(1, 0, 0) == rows(1, 0, 0));
  CHECK(rows(1, 0, 0) != rows(2, 0, 0));
  CHECK(rows(1, 0, 0) != rows(1, 1, 0));
  CHECK(rows(1, 0, 0) != rows(1, 0, 1));
}

// Mean and variance, over many draws, of what `of` picks out of a load.
template <class Of>
std::pair<double, double> moments(const LayerModel& model, const std::vector<double>& tokens, Of of) {
  constexpr int kDraws = 4000;
  double mean = 0.0, square = 0.0;
  LayerLoad load;
  for (int n = 0; n < kDraws; ++n) {
    model.draw(tokens, 1, 0, n, load);
    mean += of(load) / kDraws, square += of(load) * of(load) / kDraws;
  }
  return {mean, square - mean * mean};
}

TEST_CASE("an expert's rows have the mean and variance of a binomial, a group's those of the gate") {
  const Gate gate = skewed_gate();
  const LayerModel model(gate, in_order(256, 256, 32), 8);
  const std::vector<double> tokens(32, 256.0);
  for (const std::size_t e : {0, 77, 200}) {
    const auto [mean, variance] =
        moments(model, tokens, [&](const LayerLoad& l) { return l.rows_by_expert[e]; });
    const double f = gate.frequencies()[e];
    CHECK(mean == testing::about(8192.0 * f, 0.01));
    CHECK(variance == testing::about(8192.0 * f * (1.0 - f), 0.1));
  }
  const auto [mean, variance] = moments(model, tokens, [](const LayerLoad& l) {
    return std::accumulate(l.rows_by_expert.begin() + 32, l.rows_by_expert.begin() + 64, 0.0);
  });
  const auto& f = gate.frequencies();
  CHECK(mean == testing::about(8192.0 * std::accumulate(f.begin() + 32, f.begin() + 64, 0.0), 0.01));
  CHECK(variance == testing::about(8192.0 * gate.group_covariance()[8 + 1], 0.1));
}

TEST_CASE("a batch drawn at once is spread over GPUs like one drawn token by token") {
  const GateShape shape;
  std::vector<double> bias = draw_odds(shape, kMeasuredSkew, Day::kToday, 1, 0);
  for (double& b : bias) b = std::log(b);
  const TokenGate by_token(shape, bias);
  constexpr int kBatches = 60, kTokens = 1024, kGpus = 32;
  std::vector<double> counts(256), imbalance;
  for (int batch = 0; batch < kBatches; ++batch) {
    std::vector<double> rows(kGpus);
    for (int t = 0; t < kTokens; ++t)
      for (const std::int64_t e : by_token.choose(static_cast<std::uint64_t>(batch * kTokens + t)))
        counts[static_cast<std::size_t>(e)] += 1.0, rows[static_cast<std::size_t>(e / 8)] += 1.0;
    imbalance.push_back(1.0 / balancedness(rows));
  }
  const LayerModel model(Gate(shape, odds_of_counts(shape, counts)), in_order(256, 256, kGpus), 8);
  const auto [mean, variance] =
      moments(model, std::vector<double>(kGpus, 1.0 * kTokens / kGpus),
              [](const LayerLoad& l) { return l.busiest_over_mean(); });
  const double met = sum(imbalance) / kBatches;
  double spread = 0.0;
  for (const double i : imbalance) spread += (i - met) * (i - met) / (kBatches - 1);
  INFO("busiest / mean ", mean, " +- ", std::sqrt(variance), " against ", met, " +- ", std::sqrt(spread));
  CHECK(std::abs(mean - met) < 0.02);
  CHECK(std::sqrt(variance) == testing::about(std::sqrt(spread), 0.35));
}

TEST_CASE("balanced is exact, on any number of GPUs") {
  for (const std::int64_t gpus : {1, 8, 32, 128, 144, 320}) {
    const LayerModel model = LayerModel::balanced({}, gpus, std::min<std::int64_t>(gpus, 8));
    const std::vector<double> tokens(static_cast<std::size_t>(gpus), 128.0);
    LayerLoad load;
    model.draw(tokens, 1, 0, 0, load);
    for (const double rows : load.rows_by_gpu) CHECK(rows == load.rows_by_gpu[0]);
    for (const double copies : load.tokens_received_by_gpu) CHECK(copies == load.tokens_received_by_gpu[0]);
    CHECK(load.rows_by_gpu[0] == testing::about(1024.0, 1e-12));
    CHECK(load.busiest_over_mean() == testing::about(1.0, 1e-15));
  }
}

TEST_CASE("uniform popularity on GPUs that divide the experts is expected to be equal, exactly") {
  const Gate gate({}, std::vector<double>(256, 1.0));
  const LayerModel model(gate, eplb(gate.frequencies(), {128, 16, 256, 8}), 8);
  LayerLoad load;
  model.expect(std::vector<double>(128, 128.0), load);
  for (const double rows : load.rows_by_gpu) CHECK(rows == load.rows_by_gpu[0]);
}

TEST_CASE("a given factor is one GPU's, and the rows still add up") {
  const LayerModel model = LayerModel::one_busy({}, 32, 8, 1.25);
  LayerLoad load;
  model.expect(std::vector<double>(32, 100.0), load);
  CHECK(load.busiest_over_mean() == testing::about(1.25, 1e-12));
  CHECK(sum(load.rows_by_gpu) == testing::about(25600.0, 1e-12));
}

}  // namespace
}  // namespace tideline::moe
