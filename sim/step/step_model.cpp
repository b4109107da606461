#include "sim/step/step_model.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/step/exchanges.h"

namespace tideline::step {

StepModel::StepModel(const Unit& unit, const kernels::KernelModel& kernels,
                     const network::AllToAll& all_to_all)
    : unit_(unit),
      all_to_all_(unit.exchange == ExchangeModel::kCounted
                      ? network::AllToAll::counted(counted_network(unit), unit.nvlink_in_node)
                      : all_to_all),
      operations_(unit, kernels) {
  const catalog::Llm& m = unit.llm;
  if (m.routed_experts > 0)
    nodes_per_token_ = network::nodes_per_token(m.routed_experts, m.expert_groups, m.groups_per_token,
                                                m.experts_per_token, unit.nodes);
}

const Schedule& StepModel::schedule() const {
  if (unit_.overlap == Overlap::kNone) return schedule_none();
  return unit_.phase == Phase::kPrefill ? schedule_two_batch_prefill() : schedule_two_batch_decode();
}

network::AllToAllLoad StepModel::exchange(double tokens) const {
  return {.tokens = tokens,
          .gpus = unit_.gpus(),
          .experts_per_token = unit_.llm.experts_per_token,
          .nodes_per_token = nodes_per_token_,
          .hidden = unit_.llm.hidden,
          .beside_compute = unit_.overlap == Overlap::kTwoBatch};
}

void StepModel::run_schedule(StepBreakdown& step, const network::AllToAllTime& exchange) const {
  step.stages = sum_by_stage(step.layer);
  if (unit_.gpus() > 1) {
    at(step.stages, Stage::kDispatch) = exchange.dispatch;
    at(step.stages, Stage::kCombine) = exchange.combine;
  }
  step.moe_layer = steady_layer(schedule(), step.stages);
  step.moe_layers = run_layers(schedule(), step.stages, static_cast<int>(unit_.llm.moe_layers()));
}

StepBreakdown StepModel::decode(const DecodeLoad& load) const {
  CHECK(unit_.phase == Phase::kDecode, "a prefill unit does not decode");
  const auto& m = unit_.llm;
  const double batches = micro_batches(), queries = static_cast<double>(unit_.tokens_per_request());
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
    run_schedule(step, all_to_all_.low_latency(exchange(busiest)));
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
  const double batches = micro_batches();
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
    run_schedule(step, all_to_all_.normal(exchange(sent)));
  }
  return step;
}

}  // namespace tideline::step
