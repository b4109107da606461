#include "sim/fleet/prefill_unit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/check.h"
#include "sim/fleet/transfers.h"

namespace tideline::fleet {

using serving::Prompt;
using serving::Slot;

namespace {

constexpr double kFull = policy::LoadBoard::kNever;
constexpr std::uint32_t kGpuSalt = 1;
// Tokens below which nothing is cut off a prompt: a GPU with less left is full.
constexpr double kChunkMin = 128.0;

// Pairs attended to by `part` query tokens that follow `before` tokens.
double causal_pairs(double before, double part) {
  return part * before + 0.5 * part * (part + 1.0);
}

double whole(double x) {
  return static_cast<double>(static_cast<std::int64_t>(x));
}

}  // namespace

PrefillUnit::PrefillUnit(const Fleet& fleet, step::StepTimes& times, const RandomStream& words,
                         std::uint64_t number)
    : times_(&times),
      weights_(times.prefill_weights()),
      number_(number),
      tokens_max_(static_cast<double>(fleet.prefill.tokens_per_gpu)),
      work_max_(tokens_max_ *
                (weights_.pairs_per_token + static_cast<double>(fleet.prefill.attended_per_token))),
      chunk_work_(work(0.0, kChunkMin)),
      readers_(static_cast<std::size_t>(fleet.prefill.unit.nodes),
               Instant{std::numeric_limits<std::int64_t>::min()}),
      memory_(fleet.prefill_kv_tokens()),
      gpu_work_(static_cast<std::size_t>(fleet.prefill.unit.gpus())),
      chooser_(policy::choice_of(fleet.prefill.balancer), words, kGpuSalt),
      pass_work_max_(work_max_ * static_cast<double>(gpu_work_.size())),
      passes_per_work_(1.0 / pass_work_max_) {
  for (auto* per_gpu : {&gpu_tokens_, &gpu_pairs_, &gpu_context_}) per_gpu->assign(gpu_work_.size(), 0.0);
  const Bytes token = fleet.kv_per_token() * Tokens(1.0);
  for (const BytesPerSecond rate : read_rates(fleet))
    read_ns_per_token_.push_back((token / rate).value() * 1e9);
  memory_ns_per_token_ = (token / fleet.prefill.memory_read_rate).value() * 1e9;
}

// Work of computing `tokens` that follow `context` others, in pairs: attention itself, what as many computed
// tokens cost, and the keys of the context.
double PrefillUnit::work(double context, double tokens) const {
  return weights_.work(tokens, causal_pairs(context, tokens), context + tokens);
}

// Of what no pass has taken yet. Whole numbers, so that sums of work return to zero exactly.
double PrefillUnit::work_left(const Prompt& p) const {
  return whole(work(p.cached + p.computed, p.to_compute()));
}

// Tokens after `context` others that `work` pays for: work() solved for its second argument.
double PrefillUnit::affordable(double work, double context) const {
  const double per_context = weights_.pairs_per_context;
  const double b = context + 0.5 + weights_.pairs_per_token + per_context;
  return whole(std::sqrt(b * b + 2.0 * std::max(work - per_context * context, 0.0)) - b);
}

void PrefillUnit::enqueue(Slot slot, Instant now, const PromptPool& pool, std::int32_t in_memory) {
  const Prompt& p = pool[slot];
  queue_.push(slot, read_prefix(p.cached - in_memory, in_memory, now));
  queued_work_ += work_left(p);
}

// The node that is first free reads it.
Instant PrefillUnit::read_prefix(std::int32_t from_storage, std::int32_t from_memory, Instant now) {
  if (from_storage + from_memory == 0) return now;
  std::size_t first = 0;
  for (std::size_t i = 1; i < readers_.size(); ++i) first = readers_[i] < readers_[first] ? i : first;
  Instant& node = readers_[first];
  const double ns = from_storage * read_ns_per_token_[first] + from_memory * memory_ns_per_token_;
  node = std::max(node, now) + Duration{static_cast<std::int64_t>(ns + 0.5)};
  return node;
}

void PrefillUnit::release(std::int64_t tokens) {
  held_ -= tokens;
  CHECK(held_ >= 0, "{} tokens of cache left that were not there", -held_);
}

// Gives a GPU as much of a prompt as its budgets allow. False when every GPU is full.
bool PrefillUnit::place(Slot slot, PromptPool& pool) {
  Prompt& p = pool[slot];
  const std::size_t gpu = chooser_.choose(gpu_work_, p.id());
  if (gpu_work_[gpu] == kFull) return false;
  const double context = p.cached + p.computed, left = p.to_compute(), waited = work(context, left);
  double part = std::min(left, tokens_max_ - gpu_tokens_[gpu]);
  double cost = part == left ? waited : work(context, part);
  if (gpu_work_[gpu] + cost > work_max_) {
    part = std::min(part, std::max(kChunkMin, affordable(work_max_ - gpu_work_[gpu], context)));
    cost = work(context, part);
  }
  gpu_tokens_[gpu] += part;
  gpu_pairs_[gpu] += causal_pairs(context, part);
  gpu_context_[gpu] += context + part;
  p.set_gpu(gpu);
  const double used = gpu_work_[gpu] + cost;
  const bool full = gpu_tokens_[gpu] >= tokens_max_ || used + chunk_work_ > work_max_;
  gpu_work_.set(gpu, full ? kFull : used);
  queued_work_ -= whole(waited);
  ++prompts_;
  if (!p.begun()) first_begun_.push_back(slot);
  p.set_begun();
  p.computed += static_cast<std::int32_t>(part);
  if (part == left) {
    completing_.push_back(slot);
  } else {
    cut_.push_back(slot);
    queued_work_ += work_left(p);
  }
  return true;
}

bool PrefillUnit::start_pass(Instant now, PromptPool& pool, Seconds& duration) {
  CHECK(!busy_, "a pass needs a free unit");
  gpu_work_.reset(gpu_work_.size());
  for (auto* per_gpu : {&gpu_tokens_, &gpu_pairs_, &gpu_context_})
    std::fill(per_gpu->begin(), per_gpu->end(), 0.0);
  completing_.clear();
  first_begun_.clear();
  prompts_ = 0;
  begun_.clear();
  std::swap(begun_, cut_);
  for (const Slot slot : begun_)
    if (!place(slot, pool)) cut_.push_back(slot);
  place_queue(now, pool);
  busy_ = !completing_.empty() || !cut_.empty();
  if (!busy_) return false;
  duration = times_->prefill_pass({.tokens = gpu_tokens_, .pairs = gpu_pairs_, .context = gpu_context_},
                                  {number_, passes_++});
  double taken = 0.0, used = 0.0;
  pass_tokens_ = 0.0;
  for (std::size_t gpu = 0; gpu < gpu_tokens_.size(); ++gpu) {
    const double tokens = gpu_tokens_[gpu];
    const double work = weights_.work(tokens, gpu_pairs_[gpu], gpu_context_[gpu]);
    taken += work;
    pass_tokens_ += tokens;
    used += gpu_work_[gpu] == kFull ? 1.0 : std::max(tokens / tokens_max_, work / work_max_);
  }
  pass_fill_ = taken / pass_work_max_;
  pass_used_ = used / static_cast<double>(gpu_tokens_.size());
  pass_time_ = duration.value();
  pass_end_ = to_seconds(now - Instant{}).value() + pass_time_;
  return true;
}

// As much of the queue as the GPUs and the memory take.
void PrefillUnit::place_queue(Instant now, PromptPool& pool) {
  full_ = false;
  queue_.serve(now, pool, [&](Slot next) {
    const std::int64_t tokens = pool[next].input;
    full_ = held_ + tokens > memory_;
    if (full_ || !place(next, pool)) return false;
    held_ += tokens;
    return true;
  });
  held_most_ = std::max(held_most_, held_);
}

const std::vector<Slot>& PrefillUnit::finish_pass(const PromptPool& pool) {
  busy_ = false;
  for (const Slot slot : completing_) pool.prefetch(slot);
  return completing_;
}

std::vector<Slot> PrefillUnit::take_queue(PromptPool& pool) {
  std::vector<Slot> taken = cut_;
  for (const Slot slot : cut_) held_ -= pool[slot].input;
  queue_.take_all(taken);
  for (const Slot slot : taken) {
    queued_work_ -= work_left(pool[slot]);
    pool[slot].computed = 0;
  }
  cut_.clear();
  return taken;
}

std::vector<Slot> PrefillUnit::lose_all(PromptPool& pool) {
  std::vector<Slot> lost = take_queue(pool);
  if (busy_)
    for (const Slot slot : completing_) pool[slot].computed = 0, lost.push_back(slot);
  completing_.clear();
  busy_ = false;
  held_ = 0;
  return lost;
}

}  // namespace tideline::fleet
