#include "sim/step/correction.h"

#include <algorithm>

namespace tideline::step {
namespace {

constexpr double kPairsPerToken = 2048;  // where nothing is computed

// One GPU with the busiest load, the others with what is left of the mean. It is the last one: of a given
// factor the first has most rows for its experts.
std::vector<RankLoad> one_busy(std::int64_t gpus, const RankLoad& busiest, double mean_share) {
  const auto n = static_cast<double>(gpus);
  const double share = n > 1.0 ? std::max(0.0, (n * mean_share - 1.0) / (n - 1.0)) : 1.0;
  RankLoad other = busiest;
  for (double* part : {&other.requests, &other.kv_tokens, &other.tokens, &other.pairs, &other.context})
    *part *= share;
  std::vector<RankLoad> ranks(static_cast<std::size_t>(gpus), other);
  ranks.back() = busiest;
  return ranks;
}

double factor(const StepSimulation& simulation, TrafficSource& traffic, const RankLoad& busiest, double share,
              const StepBreakdown& composed) {
  if (composed.moe_layer.value() <= 0.0) return 1.0;
  const auto ranks = one_busy(simulation.unit().gpus(), busiest, share);
  const int all = static_cast<int>(simulation.unit().llm.moe_layers());
  return simulation.run(ranks, traffic, {.moe_layers_max = all}).moe_layer / composed.moe_layer;
}

// A layer that exchanges nothing has nothing to correct; what stands outside the layers is not.
Seconds corrected(const StepBreakdown& step, double factor) {
  return step.total() + step.moe_layers * (factor - 1.0);
}

double ratio(double part, double whole, double otherwise) {
  return whole > 0.0 ? part / whole : otherwise;
}

}  // namespace

DecodeCorrection::DecodeCorrection(const StepSimulation& simulation, const StepModel& model,
                                   TrafficSource& traffic)
    : model_(model),
      factor_({Axis::geometric(8.0, 512.0, 2.0), spare_axis(2.0), Axis::geometric(2048.0, 32768.0, 2.0)},
              [&](double busiest, double spare, double kv) {
                const double share = 1.0 - spare;
                const double requests = std::max(busiest, 1.0), kv_tokens = requests * std::max(kv, 128.0);
                return factor(simulation, traffic, {.requests = requests, .kv_tokens = kv_tokens}, share,
                              model.decode({share * requests, requests, kv_tokens}));
              }) {}

Seconds DecodeCorrection::operator()(const DecodeLoad& l) const {
  return corrected(model_.decode(l), factor_(l.requests_busiest, spare(l.requests_mean, l.requests_busiest),
                                             ratio(l.kv_busiest, l.requests_busiest, 0.0)));
}

PrefillCorrection::PrefillCorrection(const StepSimulation& simulation, const StepModel& model,
                                     TrafficSource& traffic)
    : model_(model),
      factor_(
          {Axis::geometric(1024.0, 16384.0, 2.0), spare_axis(2.0), Axis::geometric(2048.0, 131072.0, 4.0)},
          [&](double busiest, double spare, double pairs_per_token) {
            const double share = 1.0 - spare;
            const double tokens = std::max(busiest, 64.0), pairs = tokens * std::max(pairs_per_token, 64.0);
            return factor(simulation, traffic, {.tokens = tokens, .pairs = pairs, .context = tokens}, share,
                          model.prefill({share * tokens, tokens, pairs, tokens}));
          }) {}

Seconds PrefillCorrection::operator()(const PrefillLoad& l) const {
  return corrected(model_.prefill(l), factor_(l.tokens_busiest, spare(l.tokens_mean, l.tokens_busiest),
                                              ratio(l.pairs_busiest, l.tokens_busiest, kPairsPerToken)));
}

}  // namespace tideline::step
