#include "sim/step/exchanges.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/network/efficiency.h"

namespace tideline::step {
namespace {

network::AllToAllTime ask(const Unit& unit, double nodes_per_token, double tokens) {
  const network::AllToAllLoad load{.tokens = tokens,
                                   .gpus = unit.gpus(),
                                   .experts_per_token = unit.llm.experts_per_token,
                                   .nodes_per_token = nodes_per_token,
                                   .hidden = unit.llm.hidden,
                                   .beside_compute = unit.schedule.overlaps()};
  const network::AllToAll model = network::AllToAll::load(unit.node);
  return unit.phase == Phase::kDecode ? model.low_latency(load) : model.normal(load);
}

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
      beside_compute_(unit.schedule.overlaps()),
      experts_per_token_(static_cast<double>(unit.llm.experts_per_token)) {
  const catalog::Llm& m = unit.llm;
  if (unit.exchange == ExchangeModel::kCounted) {
    counted_.emplace(counted_network(unit));
    const network::DeepEpFit fit = network::load_deep_ep_fit(unit.node.name, unit.all_to_all);
    sigma_ = low_latency_ ? fit.low_latency_sigma : fit.normal_sigma;
    dispatch_bytes_ = network::dispatch_bytes(static_cast<double>(m.hidden));
    combine_bytes_ = network::combine_bytes(static_cast<double>(m.hidden));
  }
  constexpr double kMany = 1000;  // times are linear in tokens
  const double nodes = network::nodes_per_token(m.routed_experts, m.expert_groups, m.groups_per_token,
                                                m.experts_per_token, unit.nodes);
  const auto none = counted_ ? count(unit, nodes, 0.0) : ask(unit, nodes, 0.0);
  const auto many = counted_ ? count(unit, nodes, kMany) : ask(unit, nodes, kMany);
  dispatch_ = {none.dispatch.value(), (many.dispatch - none.dispatch).value() / kMany};
  if (!counted_) sigma_ = many.sigma;
  combine_ = {none.combine.value(), (many.combine - none.combine).value() / kMany};
}

// Every GPU sends `tokens` and bears as many, every node as many as the others.
network::AllToAllTime Exchanges::count(const Unit& unit, double nodes_per_token, double tokens) const {
  const auto gpus = static_cast<double>(unit.gpus());
  const double copies = gpus * (1.0 - std::pow(1.0 - 1.0 / gpus, experts_per_token_));
  const network::ExchangeLoad load =
      low_latency_ ? network::balanced_low_latency(counted_->topology(), tokens, unit.llm.experts_per_token,
                                                   nvlink_in_node_)
                   : network::balanced_normal(counted_->topology(), tokens, nodes_per_token, copies);
  return {.dispatch = counted_->makespan(load, network::Kernel::kDispatch, dispatch_bytes_, beside_compute_),
          .combine = counted_->makespan(load.reversed(), network::Kernel::kCombine, combine_bytes_,
                                        beside_compute_)};
}

Exchange Exchanges::exchange(std::span<const double> tokens, const ExpertTraffic& traffic) const {
  Exchange e;
  e.tokens.assign(tokens.begin(), tokens.end());
  e.experts = traffic.rows;
  for (double& rows : e.experts) rows /= experts_per_token_;
  if (!counted_) return e;
  if (low_latency_) {
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
    counted_->times(e.ports.reversed(), network::Kernel::kCombine, combine_bytes_, beside_compute_, ready_s,
                    times_);
  else
    counted_->times(e.ports, network::Kernel::kDispatch, dispatch_bytes_, beside_compute_, ready_s, times_);
  std::ranges::transform(times_.sent_s, times_.arrived_s, end_s.begin(),
                         [](double a, double b) { return std::max(a, b); });
}

}  // namespace tideline::step
