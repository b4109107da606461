// What one all-to-all of DeepEP puts on every port of a unit, in copies of a token: counted from who sends to
// whom, before any rate or byte is known. Combine is dispatch backwards, so one count serves both.
//
// Low latency: a message per token and expert, over the NICs even inside a node; or, in the library of June
// 2025, over NVLink where both GPUs share a node. A message to the own GPU is no traffic. Normal: a copy per
// destination node over the NIC to the GPU of the same rail there, which forwards it over NVLink to each GPU
// of its node that holds a chosen expert. The copy for the own node skips the NIC, yet passes through the
// same staging buffers. Inside one node: NVLink alone, straight from the sender, nothing staged.
//
// Source: DeepEP csrc/kernels/internode.cu (own node: the receive buffer of the RDMA channel, and no put),
// internode_ll.cu, intranode.cu; V3 report (arXiv:2412.19437) 3.2.2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/network/topology.h"

namespace tideline::network {

enum class Mode { kLowLatency, kNormal };

// Copies of a token, by GPU; by leaf on the uplinks, which are empty unless the fabric is oversubscribed.
struct ExchangeLoad {
  Mode mode = Mode::kLowLatency;
  bool backwards = false;  // combine
  bool over_nics = false;  // does anything leave by a NIC?
  std::vector<double> nic_out, nic_in, nvlink_out, nvlink_in;
  // Normal mode over several nodes: the larger of what a GPU sends and receives, for its own node too.
  std::vector<double> staged;
  std::vector<double> leaf_up, leaf_down;

  [[nodiscard]] ExchangeLoad reversed() const&;
  [[nodiscard]] ExchangeLoad reversed() &&;
};

// messages[from * gpus + to]: (token, expert) pairs of `from` whose expert `to` holds, its own too.
// O(gpus^2). REQUIRES (all): the sizes of the topology. Path to other rails: CrossRail::kSpine.
ExchangeLoad low_latency_load(const Topology& topology, std::span<const double> messages,
                              bool nvlink_in_node);

// The same where all senders spread alike: messages each GPU sends, and the share of them each GPU receives
// (adds up to 1: its experts' load). O(gpus).
ExchangeLoad low_latency_load(const Topology& topology, std::span<const double> messages_sent,
                              std::span<const double> share, bool nvlink_in_node);

// copies[from * nodes + node]: tokens of `from` with an expert on that node; gpu_copies[from * gpus + to]:
// with an expert on that GPU. Both count the own node and GPU. O(gpus^2).
ExchangeLoad normal_load(const Topology& topology, std::span<const double> copies,
                         std::span<const double> gpu_copies);

// The same where all senders spread alike: tokens of each GPU, and the share of them that goes to a node and
// to a GPU (their sums are the distinct nodes and GPUs of a token). O(gpus + nodes^2).
ExchangeLoad normal_load(const Topology& topology, std::span<const double> tokens,
                         std::span<const double> node_share, std::span<const double> gpu_share);

// Everybody sends `tokens`, spread evenly.
ExchangeLoad balanced_low_latency(const Topology& topology, double tokens, std::int64_t experts_per_token,
                                  bool nvlink_in_node);
ExchangeLoad balanced_normal(const Topology& topology, double tokens, double nodes_per_token,
                             double gpus_per_token);

}  // namespace tideline::network
