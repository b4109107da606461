#include "sim/step/simulation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/base/check.h"
#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"
#include "sim/step/pipeline.h"

namespace tideline::step {
namespace {

constexpr double kNs = 1e9;
// Rows that one GPU's experts may get: all of four GPUs' tokens; the table extends its last cell beyond.
constexpr double kTokensMax = 4 * 16384.0;

// Kernels one after the other on a GPU's compute stream, no faster than the host launches them.
class Outside {
 public:
  Outside(double gap_ns, const Host& host, bool spans, SimulatedStep& result)
      : gap_ns_(gap_ns), host_(host), spans_(spans), result_(result) {}
  void run(const std::vector<Kernel>& kernels, int gpu, int layer, Instant& at) {
    for (const Kernel& k : kernels) {
      const Instant begin{at.ns + static_cast<std::int64_t>(gap_ns_ + 0.5)};
      at = {begin.ns + static_cast<std::int64_t>(std::max(k.time.alone_ns, host_.per_launch_ns) + 0.5)};
      ++result_.kernels;
      if (!spans_) continue;
      const auto of_layer = static_cast<std::int16_t>(layer);
      result_.spans.push_back({gpu, Stream::kCompute, of_layer, 0, Stage::kMlp, k.kind, k.name, begin, at});
    }
  }

 private:
  double gap_ns_;
  Host host_;
  bool spans_;
  SimulatedStep& result_;
};

}  // namespace

StepSimulation::StepSimulation(const Unit& unit, const kernels::KernelModel& kernels)
    : unit_(unit),
      compiler_(unit, kernels),
      experts_(compiler_.experts(
          unit.llm.moe_layers() > 0 ? kTokensMax * static_cast<double>(unit.llm.experts_per_token) : 2.0)),
      waits_(stage_waits(any_layer(unit))),
      gap_(kernels.launch_gap(unit.launch)),
      host_(kernels.host_launch()) {
  const std::string why = why_it_cannot_run(unit.schedule, waits_);
  CHECK(why.empty(), "schedule {}: {}", unit.schedule.name, why);
  if (unit.gpus() > 1 && unit.llm.moe_layers() > 0) exchanges_.emplace(unit);
}

SimulatedStep StepSimulation::run(std::span<const RankLoad> ranks, TrafficSource& traffic,
                                  const SimulationOptions& options) const {
  const auto gpus = static_cast<std::size_t>(unit_.gpus());
  CHECK(ranks.size() == 1 || ranks.size() == gpus, "{} loads for {} GPUs", ranks.size(), gpus);
  const double batches = unit_.micro_batches();
  const bool decode = unit_.phase == Phase::kDecode;

  // Equal loads are compiled once.
  std::map<RankLoad, RankProgram> programs;
  std::vector<const RankProgram*> by_gpu;
  std::vector<double> tokens;
  for (std::size_t g = 0; g < gpus; ++g) {
    const RankLoad& load = ranks[ranks.size() == 1 ? 0 : g];
    auto found = programs.find(load);
    if (found == programs.end()) found = programs.emplace(load, compiler_.rank(load)).first;
    by_gpu.push_back(&found->second);
    const double own = decode ? load.requests * static_cast<double>(unit_.tokens_per_request()) : load.tokens;
    tokens.push_back(own / batches);
  }

  SimulatedStep step;
  const bool eager = unit_.launch == kernels::Launch::kEager;
  PipelineInput input{.schedule = &unit_.schedule,
                      .waits = &waits_,
                      .layers = static_cast<int>(unit_.llm.layers),
                      .dense_layers = static_cast<int>(unit_.llm.layers - unit_.llm.moe_layers()),
                      .ranks = by_gpu,
                      .tokens = tokens,
                      .experts = &experts_,
                      .exchanges = exchanges_ ? &*exchanges_ : nullptr,
                      .gap_ns = gap_.value() * kNs,
                      .slowed_beside = unit_.exchanges_take_sms(),
                      .host = {.per_launch_ns = eager ? host_.pace.value() * kNs : 0.0,
                               .latency_ns = host_.latency.value() * kNs,
                               .waits_for_counts = eager && !decode},
                      .spans = options.spans};
  if (options.moe_layers_max > 0) {
    input.first_layer = input.dense_layers;
    input.layers = std::min(options.moe_layers_max, input.layers - input.dense_layers);
    input.dense_layers = 0;
  }
  std::vector<Instant> at = Pipeline(input, traffic, step).run(std::vector<Instant>(gpus));
  step.layers = to_seconds(*std::max_element(at.begin(), at.end()));
  if (options.moe_layers_max > 0) {
    step.total = step.layers;
    return step;
  }
  Outside outside(input.gap_ns, input.host, options.spans, step);
  for (std::size_t g = 0; g < gpus; ++g)
    outside.run(by_gpu[g]->head, static_cast<int>(g), input.layers, at[g]);
  const Seconds moe_layer = step.moe_layer;
  const LayerParts parts = step.parts;
  for (int draft = 0; draft < unit_.draft_runs() && unit_.llm.moe_layers() > 0; ++draft) {
    for (std::size_t g = 0; g < gpus; ++g)
      outside.run(by_gpu[g]->draft, static_cast<int>(g), input.layers + draft, at[g]);
    PipelineInput one = input;
    one.layers = 1, one.dense_layers = 0, one.first_layer = input.layers + draft;
    at = Pipeline(one, traffic, step).run(at);
    for (std::size_t g = 0; g < gpus; ++g)
      outside.run(by_gpu[g]->draft_head, static_cast<int>(g), one.first_layer, at[g]);
  }
  step.moe_layer = moe_layer, step.parts = parts;
  step.total = to_seconds(*std::max_element(at.begin(), at.end())) + unit_.host_gap;
  return step;
}

}  // namespace tideline::step
