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

// A MoE layer whose exchanges take so long: kernels that they slow down run beside them for that long.
template <class Batch>
std::vector<Operation> StepModel::moe_layer(const Batch& batch, Seconds exchanged) const {
  std::vector<Operation> layer = operations_.moe_layer(batch, Beside::kExchange);
  if (!unit_.exchanges_take_sms()) return layer;
  const std::vector<Operation> alone = operations_.moe_layer(batch, Beside::kNothing);
  Seconds slowed;
  for (std::size_t i = 0; i < layer.size(); ++i)
    if (layer[i].cost.time != alone[i].cost.time) slowed += layer[i].time();
  const double share = slowed > exchanged ? exchanged / slowed : 1.0;
  for (std::size_t i = 0; i < layer.size(); ++i)
    layer[i].cost.time = alone[i].cost.time + (layer[i].cost.time - alone[i].cost.time) * share;
  return layer;
}

void StepModel::run_schedule(StepBreakdown& step, Seconds dispatch, Seconds combine) const {
  const auto layers = static_cast<double>(unit_.llm.moe_layers());
  step.stages = sum_by_stage(step.layer);
  at(step.stages, Stage::kDispatch) = dispatch, at(step.stages, Stage::kCombine) = combine;
  const Seconds steady = steady_layer(unit_.schedule, waits_, step.stages);
  const Seconds filling =
      run_layers(unit_.schedule, waits_, step.stages, static_cast<int>(layers)) - steady * layers;
  // The host launches every kernel of every micro-batch, however short.
  const Seconds launching = per_launch_ * (static_cast<double>(step.layer.size()) * unit_.micro_batches());
  step.moe_layer = std::max(steady, launching);
  step.lone_layer = std::max(run_layers(unit_.schedule, waits_, step.stages, 1), launching);
  step.moe_layers = filling + step.moe_layer * layers;
}

template <class Batch>
void StepModel::run_slowest(StepBreakdown& step, const Batch& own, const Batch& most_rows) const {
  const auto run = [&](const Batch& batch) {
    StepBreakdown of_gpu = step;
    // A GPU sends what its own tokens ask for and receives what its experts attract; the longer of the two
    // counts. Over several nodes normal mode brings a token to a node, not to a GPU: there all GPUs of a node
    // share in what its experts attract.
    const bool by_node = unit_.phase == Phase::kPrefill && unit_.nodes > 1;
    const double received = batch.expert_rows / static_cast<double>(unit_.llm.experts_per_token);
    const double tokens = by_node ? batch.tokens : std::max(batch.tokens, received);
    const auto exchange = [&](bool combine) {
      return exchanges_ ? exchanges_->balanced(tokens, combine) * stretch_.of(Kind::kExchange) : Seconds();
    };
    of_gpu.layer = moe_layer(batch, exchange(false) + exchange(true));
    run_schedule(of_gpu, exchange(false), exchange(true));
    return of_gpu;
  };
  StepBreakdown first = run(own);
  if (most_rows != own)
    if (StepBreakdown second = run(most_rows); second.moe_layers > first.moe_layers)
      first = std::move(second);
  step = std::move(first);
}

Seconds StepModel::draft(const StepBreakdown& step, double tokens, double rows) const {
  if (unit_.draft_runs() == 0) return {};
  return (step.lone_layer + total(operations_.draft_projection(tokens)) +
          total(operations_.head(tokens, rows))) *
         static_cast<double>(unit_.draft_runs());
}

StepBreakdown StepModel::decode(const DecodeLoad& load) const {
  CHECK(unit_.phase == Phase::kDecode, "a prefill unit does not decode");
  const auto& m = unit_.llm;
  const double batches = unit_.micro_batches(), queries = static_cast<double>(unit_.tokens_per_request());
  const double served = std::max(1.0, load.requests_busiest), requests = served / batches;
  const double tokens_mean = load.requests_mean * queries / batches;
  const double rows_mean = tokens_mean * static_cast<double>(m.experts_per_token);
  const DecodeBatch batch{.tokens = std::max(1.0, requests * queries),
                          .requests = std::max(1.0, requests),
                          .kv_tokens = std::max(1.0, load.kv_busiest / served),
                          .expert_rows = std::max(1.0, rows_mean)};
  DecodeBatch most_rows = batch;
  most_rows.tokens = std::max(1.0, tokens_mean);
  most_rows.requests = std::max(1.0, tokens_mean / queries);
  most_rows.expert_rows = std::max(1.0, rows_mean * unit_.experts.busiest_over_mean);

  StepBreakdown step;
  step.host = unit_.host_gap;
  step.dense_layers = total(operations_.dense_layer(batch, Beside::kNothing)) *
                      (batches * static_cast<double>(m.layers - m.moe_layers()));
  step.head = total(operations_.head(served * queries, served * queries));
  if (m.moe_layers() > 0) run_slowest(step, batch, most_rows);
  step.draft = draft(step, served * queries, served);
  return step;
}

// A micro-batch of the GPU with most of its own to compute; of others' as much as on average.
PrefillBatch StepModel::own_batch(const PrefillLoad& load) const {
  const double batches = unit_.micro_batches(), tokens_mean = load.tokens_mean / batches;
  return {.tokens = std::max(1.0, load.tokens_busiest / batches),
          .context_tokens = std::max(1.0, load.context_busiest / batches),
          .pairs = std::max(1.0, load.pairs_busiest / batches),
          .expert_rows = std::max(1.0, tokens_mean * static_cast<double>(unit_.llm.experts_per_token)),
          .received_tokens = tokens_mean * unit_.gpus_per_token()};
}

Seconds StepModel::prefill_kernels(const PrefillLoad& load) const {
  const auto& m = unit_.llm;
  const PrefillBatch batch = own_batch(load);
  const auto moe = static_cast<double>(m.moe_layers()), dense = static_cast<double>(m.layers) - moe;
  Seconds layers = total(operations_.dense_layer(batch, Beside::kNothing)) * dense;
  if (moe > 0.0) layers += total(operations_.moe_layer(batch, Beside::kNothing)) * moe;
  return layers * unit_.micro_batches();
}

StepBreakdown StepModel::prefill(const PrefillLoad& load) const {
  CHECK(unit_.phase == Phase::kPrefill, "a decode unit does not prefill");
  const auto& m = unit_.llm;
  const double batches = unit_.micro_batches(), busiest = unit_.experts.busiest_over_mean;
  const PrefillBatch batch = own_batch(load);
  const double mean_share = std::min(1.0, load.tokens_mean / std::max(1.0, load.tokens_busiest));
  const PrefillBatch most_rows{.tokens = std::max(1.0, load.tokens_mean / batches),
                               .context_tokens = std::max(1.0, batch.context_tokens * mean_share),
                               .pairs = std::max(1.0, batch.pairs * mean_share),
                               .expert_rows = batch.expert_rows * busiest,
                               .received_tokens = batch.received_tokens * busiest};
  StepBreakdown step;
  step.host = unit_.host_gap;
  step.dense_layers = total(operations_.dense_layer(batch, Beside::kNothing)) *
                      (batches * static_cast<double>(m.layers - m.moe_layers()));
  // One row per prompt needs the head; a handful at most, bound by reading its weights.
  const double tokens = std::max(1.0, load.tokens_busiest);
  step.head = total(operations_.head(tokens, 1.0));
  if (m.moe_layers() > 0) run_slowest(step, batch, most_rows);
  step.draft = draft(step, tokens, 1.0);
  return step;
}

}  // namespace tideline::step
