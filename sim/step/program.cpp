#include "sim/step/program.h"

#include <algorithm>
#include <cmath>

namespace tideline::step {
namespace {

constexpr double kNsPerSecond = 1e9;
// Of the table over rows: twelve points an octave are below 1 % on the steepest measured curve.
constexpr double kRowsRatio = 1.0595;

// Both lists name the same kernels, in the same order.
void add(std::vector<Kernel>& to, const Operation& alone, const Operation& beside) {
  to.push_back({alone.name,
                alone.kind,
                {alone.cost.time.value() * kNsPerSecond, beside.cost.time.value() * kNsPerSecond}});
}

std::vector<Kernel> all(const std::vector<Operation>& alone) {
  std::vector<Kernel> kernels;
  for (const Operation& o : alone) add(kernels, o, o);
  return kernels;
}

void by_stage(std::array<std::vector<Kernel>, kStages>& stages, const std::vector<Operation>& alone,
              const std::vector<Operation>& beside) {
  for (std::size_t i = 0; i < alone.size(); ++i)
    if (!is_exchange(alone[i].stage))
      add(stages[static_cast<std::size_t>(alone[i].stage)], alone[i], beside[i]);
}

}  // namespace

ExpertProgram::ExpertProgram(const Unit& unit, const OperationList& operations, double rows_max)
    : inverse_log_ratio_(1.0 / std::log(kRowsRatio)) {
  const double tokens_per_row = unit.gpus_per_token() / static_cast<double>(unit.llm.experts_per_token);
  for (double rows = 1.0; rows_.size() < 2 || rows_.back() < rows_max; rows *= kRowsRatio) {
    rows_.push_back(rows);
    const auto list = operations.expert_stage(rows, rows * tokens_per_row, Beside::kNothing);
    const auto list_beside = operations.expert_stage(rows, rows * tokens_per_row, Beside::kExchange);
    times_.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (rows_.size() == 1) names_.push_back(list[i].name), kinds_.push_back(list[i].kind);
      times_[i].push_back(
          {list[i].cost.time.value() * kNsPerSecond, list_beside[i].cost.time.value() * kNsPerSecond});
    }
  }
}

Kernel ExpertProgram::at(std::size_t kernel, double rows) const {
  const double at = std::max(0.0, std::log(std::max(rows, 1.0)) * inverse_log_ratio_);
  const std::size_t cell = std::min(static_cast<std::size_t>(at), rows_.size() - 2);
  const double weight = (std::max(rows, 1.0) - rows_[cell]) / (rows_[cell + 1] - rows_[cell]);
  const KernelTime &low = times_[kernel][cell], &high = times_[kernel][cell + 1];
  return {names_[kernel],
          kinds_[kernel],
          {low.alone_ns + weight * (high.alone_ns - low.alone_ns),
           low.beside_ns + weight * (high.beside_ns - low.beside_ns)}};
}

Compiler::Compiler(const Unit& unit, const kernels::KernelModel& kernels)
    : unit_(unit), operations_(unit, kernels) {}

RankProgram Compiler::rank(const RankLoad& load) const {
  RankProgram program;
  const double batches = unit_.micro_batches();
  const auto compile = [&](const auto& batch) {
    by_stage(program.dense, operations_.dense_layer(batch, Beside::kNothing),
             operations_.dense_layer(batch, Beside::kExchange));
    if (unit_.llm.moe_layers() == 0) return;
    by_stage(program.moe, operations_.moe_layer(batch, Beside::kNothing),
             operations_.moe_layer(batch, Beside::kExchange));
    program.moe[static_cast<std::size_t>(Stage::kMlp)].clear();  // the experts': ExpertProgram
  };
  // `rows`: that get a token; `drafts`: that get a draft beside it.
  const auto once_a_step = [&](double tokens, double rows, double drafts) {
    program.head = all(operations_.head(tokens, rows));
    if (unit_.draft_runs() == 0) return;
    program.draft = all(operations_.draft_projection(tokens));
    program.draft_head = all(operations_.head(tokens, drafts));
  };
  if (unit_.phase == Phase::kPrefill) {
    compile(PrefillBatch{.tokens = std::max(1.0, load.tokens / batches),
                         .context_tokens = std::max(1.0, load.context / batches),
                         .pairs = std::max(1.0, load.pairs / batches),
                         .expert_rows = 1.0,
                         .received_tokens = 1.0});
    once_a_step(std::max(1.0, load.tokens), 1.0, 1.0);
    return program;
  }
  const auto per_request = static_cast<double>(unit_.tokens_per_request());
  const double requests = std::max(1.0, load.requests), queries = requests * per_request;
  compile(DecodeBatch{.tokens = std::max(1.0, queries / batches),
                      .requests = std::max(1.0, requests / batches),
                      .kv_tokens = std::max(1.0, load.kv_tokens / requests),
                      .expert_rows = 1.0});
  once_a_step(queries, queries, requests);
  return program;
}

ExpertProgram Compiler::experts(double rows_max) const {
  return {unit_, operations_, rows_max};
}

}  // namespace tideline::step
