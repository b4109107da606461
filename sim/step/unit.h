// A deployment unit as the step model sees it: which model runs on which nodes in which layout.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/phase.h"
#include "sim/base/units.h"
#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/config/node.h"
#include "sim/kernels/kernel_model.h"
#include "sim/moe/expert_load.h"
#include "sim/step/schedule.h"

namespace tideline::step {

using tideline::Phase;
// How an all-to-all is timed: sim/step/exchanges.h.
enum class ExchangeModel { kFitted, kCounted };

struct Unit {
  Phase phase = Phase::kDecode;
  catalog::Llm llm;
  catalog::NodeType node;
  std::int64_t nodes = 0;
  std::int64_t redundant_experts = 0;  // replicas beyond one slot per expert
  Schedule schedule;
  kernels::Launch launch = kernels::Launch::kGraph;
  // SMs that an exchange takes from the kernels beside it (normal mode: 24; low latency: 0).
  std::int64_t communication_sms = 0;
  // Tokens that a decode step speculates on top of the one it makes (MTP). In prefill: that of the decode
  // units it computes for, whose drafts attend to the prompt.
  std::int64_t draft_tokens = 0;
  moe::ExpertLoad experts;
  catalog::Fabric fabric;  // with what the unit's "network" says of its spine
  // Of each GPU's NIC, the share of its rate that it runs at; empty: all whole. Counted exchanges alone feel
  // it.
  std::vector<double> nic_shares;
  ExchangeModel exchange = ExchangeModel::kFitted;
  // Counted exchanges: version of the library (sim/network/deep_ep.h), and in low latency NVLink between the
  // GPUs of a node, as from June 2025 on.
  std::string all_to_all = "v1-2025-02";
  bool nvlink_in_node = false;
  // Host work between two steps that no kernel hides: scheduling, sampling's read-back, graph launch.
  // Assumed where a scenario does not say: 1 ms, range 0.3-3 ms.
  Seconds host_gap;

  [[nodiscard]] std::int64_t gpus() const { return nodes * node.gpus; }
  [[nodiscard]] double micro_batches() const { return static_cast<double>(schedule.micro_batches); }
  [[nodiscard]] bool exchanges_take_sms() const { return schedule.overlaps() && communication_sms > 0; }
  [[nodiscard]] std::int64_t tokens_per_request() const { return 1 + draft_tokens; }
  // In the middle of the model, among those with experts.
  [[nodiscard]] int middle_layer() const {
    return static_cast<int>(std::max(llm.layers / 2, llm.layers - llm.moe_layers()));
  }
  // Replicas with which the experts just divide over the GPUs.
  [[nodiscard]] std::int64_t fewest_replicas() const {
    const std::int64_t over = llm.routed_experts % gpus();
    return over == 0 ? 0 : gpus() - over;
  }
  // Expert slots on one GPU; fractional slots are refused when the unit is read.
  [[nodiscard]] std::int64_t slots() const { return (llm.routed_experts + redundant_experts) / gpus(); }
  [[nodiscard]] moe::ExpertGroup expert_group() const;
  // Distinct GPUs that the experts of a token are on: on average, all experts alike and in order.
  [[nodiscard]] double gpus_per_token() const;
  [[nodiscard]] Bytes weights_per_gpu() const;
  // MTP modules that make drafts, each with a cache of its own (one that made several would keep it once).
  // Their weights are held whether drafts are made or not.
  [[nodiscard]] std::int64_t draft_layers() const;
  // How often a step runs such a module: once for each token that it drafts, and once for a prompt's cache.
  [[nodiscard]] std::int64_t draft_runs() const {
    return phase == Phase::kDecode ? draft_tokens : draft_layers();
  }
  // KV cache of one token: of all layers, and of those that make drafts.
  [[nodiscard]] BytesPerToken kv_per_token() const;
  // What one GPU has for KV cache beside the weights; the rest of the memory is `reserve` (activations,
  // communication buffers, graphs) of the whole.
  [[nodiscard]] Bytes kv_room(double reserve) const;
  [[nodiscard]] double kv_capacity_tokens(double reserve) const;
};

// Share of a GPU's memory kept for activations, buffers of exchanges and graphs where a scenario does not
// say. Assumed: a pass of prefill has more tokens under way than a step of decode.
constexpr double usual_memory_reserve(Phase phase) {
  return phase == Phase::kDecode ? 0.1 : 0.2;
}

// A unit with what is usual in its phase: two micro-batches; decode replayed from graphs, prefill launched
// kernel by kernel with 24 SMs for its exchanges.
Unit usual_unit(Phase phase, const catalog::Llm& llm, const catalog::NodeType& type, std::int64_t nodes);

// Reads "prefill" or "decode" of a scenario. Records a problem when experts do not divide over the GPUs.
// "draft_tokens" is read for decode alone: units of prefill have that of those they compute for.
Unit read_unit(const config::Node& node, Phase phase, const catalog::Llm& llm, const catalog::NodeType& type);
std::int64_t read_draft_tokens(const config::Node& node, const catalog::Llm& llm);

}  // namespace tideline::step
