#include "sim/step/exchanges.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/network/efficiency.h"
#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"

namespace tideline::step {
namespace {

std::vector<double> shares(const std::vector<double>& parts, double whole) {
  std::vector<double> out = parts;
  for (double& part : out) part = whole > 0.0 ? part / whole : 0.0;
  return out;
}

}  // namespace

network::DeepEp counted_network(const Unit& unit) {
  return {network::Topology(unit.node, unit.fabric, unit.gpus(), {.nic_factor = unit.nic_shares}),
          network::load_deep_ep_fit(unit.node.name, unit.all_to_all)};
}

Exchanges::Exchanges(const Unit& unit)
    : low_latency_(unit.phase == Phase::kDecode),
      nvlink_in_node_(unit.nvlink_in_node),
      gpus_per_node_(static_cast<std::size_t>(unit.node.gpus)),
      experts_per_token_(static_cast<double>(unit.llm.experts_per_token)),
      nodes_per_token_(network::nodes_per_token(unit.llm.routed_experts, unit.llm.expert_groups,
                                                unit.llm.groups_per_token, unit.llm.experts_per_token,
                                                unit.nodes)),
      gpus_per_token_(unit.gpus_per_token()) {
  const catalog::Llm& m = unit.llm;
  const auto meets = side_by_side(unit.schedule, stage_waits(any_layer(unit)));
  beside_compute_ = {meets[static_cast<std::size_t>(Stage::kDispatch)],
                     meets[static_cast<std::size_t>(Stage::kCombine)]};
  if (unit.exchange == ExchangeModel::kCounted) {
    counted_.emplace(counted_network(unit));
    const network::DeepEpFit fit = network::load_deep_ep_fit(unit.node.name, unit.all_to_all);
    sigma_ = low_latency_ ? fit.low_latency_sigma : fit.normal_sigma;
    dispatch_bytes_ = network::dispatch_bytes(static_cast<double>(m.hidden));
    combine_bytes_ = network::combine_bytes(static_cast<double>(m.hidden));
  }
  constexpr double kMany = 1000;  // times are linear in tokens
  const auto none = counted_ ? counted_time(unit, 0.0) : fitted_time(unit, 0.0);
  const auto many = counted_ ? counted_time(unit, kMany) : fitted_time(unit, kMany);
  dispatch_ = {none.dispatch.value(), (many.dispatch - none.dispatch).value() / kMany};
  if (!counted_) sigma_ = many.sigma;
  combine_ = {none.combine.value(), (many.combine - none.combine).value() / kMany};
}

network::AllToAllTime Exchanges::fitted_time(const Unit& unit, double tokens) const {
  network::AllToAllLoad load{.tokens = tokens,
                             .gpus = unit.gpus(),
                             .experts_per_token = unit.llm.experts_per_token,
                             .nodes_per_token = nodes_per_token_,
                             .hidden = unit.llm.hidden,
                             .gpus_per_token = gpus_per_token_};
  const network::AllToAll model = network::AllToAll::load(unit.node);
  if (low_latency_) return model.low_latency(load);
  load.beside_compute = beside_compute_.combine;
  const network::AllToAllTime combine = model.normal(load);
  load.beside_compute = beside_compute_.dispatch;
  network::AllToAllTime out = model.normal(load);
  out.combine = combine.combine;
  out.sigma = std::max(out.sigma, combine.sigma);
  return out;
}

network::AllToAllTime Exchanges::counted_time(const Unit& unit, double tokens) const {
  const network::ExchangeLoad load =
      low_latency_
          ? network::balanced_low_latency(counted_->topology(), tokens, unit.llm.experts_per_token,
                                          nvlink_in_node_)
          : network::balanced_normal(counted_->topology(), tokens, nodes_per_token_, gpus_per_token_);
  return {.dispatch =
              counted_->makespan(load, network::Kernel::kDispatch, dispatch_bytes_, beside_compute_.dispatch),
          .combine = counted_->makespan(load.reversed(), network::Kernel::kCombine, combine_bytes_,
                                        beside_compute_.combine)};
}

Exchange Exchanges::exchange(std::span<const double> tokens, const ExpertTraffic& traffic) const {
  Exchange e;
  e.tokens.assign(tokens.begin(), tokens.end());
  if (!counted_) {
    fitted_loads(e, traffic);
  } else if (low_latency_) {
    std::vector<double> messages = e.tokens;
    for (double& m : messages) m *= experts_per_token_;
    const double rows = std::accumulate(traffic.rows.begin(), traffic.rows.end(), 0.0);
    e.ports = network::low_latency_load(counted_->topology(), messages, shares(traffic.rows, rows),
                                        nvlink_in_node_);
  } else {
    const double all = std::accumulate(tokens.begin(), tokens.end(), 0.0);
    e.ports = network::normal_load(counted_->topology(), tokens, shares(traffic.received_by_node, all),
                                   shares(traffic.received, all));
  }
  return e;
}

// Low latency sends a token to each of its experts. Normal mode sends it once to a GPU of its own node, over
// NVLink, or once to every node, where the GPU on the sender's rail takes it in: how a node's GPUs share its
// rows does not matter there.
void Exchanges::fitted_loads(Exchange& e, const ExpertTraffic& traffic) const {
  const std::size_t gpus = e.tokens.size();
  if (low_latency_ || gpus == gpus_per_node_) {
    e.experts = low_latency_ ? traffic.rows : traffic.received;
    for (double& brought : e.experts) brought /= low_latency_ ? experts_per_token_ : gpus_per_token_;
    return;
  }
  const double tokens = std::accumulate(e.tokens.begin(), e.tokens.end(), 0.0);
  if (tokens <= 0.0) return e.experts.assign(gpus, 0.0);
  std::vector<double> rails(gpus_per_node_);
  for (std::size_t g = 0; g < gpus; ++g) rails[g % gpus_per_node_] += e.tokens[g];
  double copies = 0.0;
  for (const double received : traffic.received_by_node) copies += received;
  const double in_order = tokens * nodes_per_token_;
  for (std::size_t g = 0; g < gpus; ++g)
    e.experts.push_back(rails[g % gpus_per_node_] * traffic.received_by_node[g / gpus_per_node_] / in_order);
  // Experts that EPLB has scattered are on more nodes.
  for (double& sent : e.tokens) sent *= copies / in_order;
}

void Exchanges::ends(const Exchange& e, bool combine, std::span<const double> ready_s,
                     std::vector<double>& end_s) const {
  end_s.resize(ready_s.size());
  if (counted_)
    ends_counted(e, combine, ready_s, end_s);
  else
    ends_fitted(e, combine, ready_s, end_s);
}

std::optional<network::Bottleneck> Exchanges::bottleneck(const Exchange& e, bool combine) const {
  if (!counted_) return std::nullopt;
  return counted_->bottleneck(combine ? e.ports.reversed() : e.ports);
}

// Everybody waits for the slowest sender; a receiver for its own share too.
void Exchanges::ends_fitted(const Exchange& e, bool combine, std::span<const double> ready_s,
                            std::vector<double>& end_s) const {
  const Rate& rate = combine ? combine_ : dispatch_;
  const std::vector<double>&sent = combine ? e.experts : e.tokens, &received = combine ? e.tokens : e.experts;
  double first = ready_s[0], all_sent = 0.0;
  for (std::size_t g = 0; g < ready_s.size(); ++g) {
    first = std::min(first, ready_s[g]);
    all_sent = std::max(all_sent, ready_s[g] + rate.per_token_s * sent[g]);
  }
  for (std::size_t g = 0; g < ready_s.size(); ++g)
    end_s[g] = rate.start_s + std::max(all_sent, first + rate.per_token_s * received[g]);
}

void Exchanges::ends_counted(const Exchange& e, bool combine, std::span<const double> ready_s,
                             std::vector<double>& end_s) const {
  if (combine)
    counted_->times(e.ports.reversed(), network::Kernel::kCombine, combine_bytes_, beside_compute_.combine,
                    ready_s, times_);
  else
    counted_->times(e.ports, network::Kernel::kDispatch, dispatch_bytes_, beside_compute_.dispatch, ready_s,
                    times_);
  std::ranges::transform(times_.sent_s, times_.arrived_s, end_s.begin(),
                         [](double a, double b) { return std::max(a, b); });
}

}  // namespace tideline::step
