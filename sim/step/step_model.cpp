#include "sim/step/step_model.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"

namespace tideline::step {

StepModel::StepModel(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch)
    : unit_(unit),
      stretch_(stretch),
      operations_(unit, kernels, stretch),
      waits_(stage_waits(any_layer(unit))),
      per_launch_(unit.launch == kernels::Launch::kEager ? kernels.host_launch().pace : Seconds()) {
  if (unit.gpus() > 1 && unit.llm.moe_layers() > 0) exchanges_.emplace(unit);
}

void StepModel::run_schedule(StepBreakdown& step, double tokens) const {
  const auto layers = static_cast<double>(unit_.llm.moe_layers());
  step.stages = sum_by_stage(step.layer);
  step.kernel_time = step.dense_layers + total(step.layer) * (unit_.micro_batches() * layers);
  if (exchanges_) {
    at(step.stages, Stage::kDispatch) = exchanges_->balanced(tokens, false) * stretch_.of(Kind::kExchange);
    at(step.stages, Stage::kCombine) = exchanges_->balanced(tokens, true) * stretch_.of(Kind::kExchange);
  }
  const Seconds filling = run_layers(unit_.schedule, waits_, step.stages, static_cast<int>(layers)) -
                          steady_layer(unit_.schedule, waits_, step.stages) * layers;
  // The host launches every kernel of every micro-batch, however short.
  const Seconds launching = per_launch_ * (static_cast<double>(step.layer.size()) * unit_.micro_batches());
  step.moe_layer = std::max(steady_layer(unit_.schedule, waits_, step.stages), launching);
  step.moe_layers = filling + step.moe_layer * layers;
}

StepBreakdown StepModel::decode(const DecodeLoad& load) const {
  CHECK(unit_.phase == Phase::kDecode, "a prefill unit does not decode");
  const auto& m = unit_.llm;
  const double batches = unit_.micro_batches(), queries = static_cast<double>(unit_.tokens_per_request());
  const double served = std::max(1.0, load.requests_busiest), requests = served / batches;
  const double tokens_mean = load.requests_mean * queries / batches;
  const DecodeBatch batch{
      .tokens = std::max(1.0, requests * queries),
      .requests = std::max(1.0, requests),
      .kv_tokens = std::max(1.0, load.kv_busiest / served),
      .expert_rows = std::max(
          1.0, tokens_mean * static_cast<double>(m.experts_per_token) * unit_.experts.busiest_over_mean)};

  StepBreakdown step;
  step.host = unit_.host_gap;
  step.dense_layers =
      total(operations_.dense_layer(batch)) * (batches * static_cast<double>(m.layers - m.moe_layers()));
  step.head = total(operations_.head(served * queries, served * queries));
  if (m.moe_layers() > 0) {
    step.layer = operations_.moe_layer(batch);
    // A GPU sends what its own tokens ask for and receives what its experts attract; the longer of the two
    // counts.
    const double busiest = std::max(batch.tokens, tokens_mean * unit_.experts.busiest_over_mean);
    run_schedule(step, busiest);
  }
  if (unit_.draft_tokens > 0)
    step.draft = (step.moe_layer + total(operations_.draft_projection(served * queries)) +
                  total(operations_.head(served, served))) *
                 static_cast<double>(unit_.draft_tokens);
  return step;
}

StepBreakdown StepModel::prefill(const PrefillLoad& load) const {
  CHECK(unit_.phase == Phase::kPrefill, "a decode unit does not prefill");
  const auto& m = unit_.llm;
  const double batches = unit_.micro_batches();
  const double busiest = unit_.experts.busiest_over_mean;
  const double tokens_mean = load.tokens_mean / batches;
  // Distinct GPUs among the experts of a token, drawn independently.
  const auto gpus = static_cast<double>(unit_.gpus());
  const double copies = gpus * (1.0 - std::pow(1.0 - 1.0 / gpus, static_cast<double>(m.experts_per_token)));
  const PrefillBatch batch{
      .tokens = std::max(1.0, load.tokens_busiest / batches),
      .context_tokens = std::max(1.0, load.context_busiest / batches),
      .pairs = std::max(1.0, load.pairs_busiest / batches),
      .expert_rows = std::max(1.0, tokens_mean * static_cast<double>(m.experts_per_token) * busiest),
      .received_tokens = tokens_mean * copies * busiest};
  StepBreakdown step;
  step.host = unit_.host_gap;
  step.dense_layers =
      total(operations_.dense_layer(batch)) * (batches * static_cast<double>(m.layers - m.moe_layers()));
  // One row per prompt needs the head; a handful at most, bound by reading its weights.
  step.head = total(operations_.head(std::max(1.0, load.tokens_busiest), 1.0));
  if (m.moe_layers() > 0) {
    step.layer = operations_.moe_layer(batch);
    const double sent = std::max(batch.tokens, tokens_mean * busiest);
    run_schedule(step, sent);
  }
  return step;
}

}  // namespace tideline::step
