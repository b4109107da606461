#include "sim/network/exchange_load.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "sim/base/check.h"

namespace tideline::network {
namespace {

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

ExchangeLoad empty_load(const Topology& t, Mode mode) {
  ExchangeLoad load;
  load.mode = mode;
  for (auto* port : {&load.nic_out, &load.nic_in, &load.nvlink_out, &load.nvlink_in})
    port->resize(at(t.gpus()));
  if (mode == Mode::kNormal && t.nodes() > 1) load.staged.resize(at(t.gpus()));
  if (t.oversubscribed()) load.leaf_up.resize(at(t.leaves())), load.leaf_down.resize(at(t.leaves()));
  return load;
}

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

void check_sizes(std::size_t found, int wanted, const char* what) {
  CHECK(found == at(wanted), "{} {}, not {}", found, what, wanted);
}

// Uplinks of a low-latency exchange: all that does not stay under its leaf. `pair(from, to)`: copies by NIC.
template <class Pair>
void add_uplinks(const Topology& t, ExchangeLoad& load, Pair pair) {
  if (!t.oversubscribed()) return;
  for (int from = 0; from < t.gpus(); ++from)
    for (int to = 0; to < t.gpus(); ++to)
      if (t.leaf_of(from) != t.leaf_of(to)) {
        load.leaf_up[at(t.leaf_of(from))] += pair(from, to);
        load.leaf_down[at(t.leaf_of(to))] += pair(from, to);
      }
}

}  // namespace

ExchangeLoad ExchangeLoad::reversed() const& {
  return ExchangeLoad(*this).reversed();
}

ExchangeLoad ExchangeLoad::reversed() && {
  std::swap(nic_out, nic_in);
  std::swap(nvlink_out, nvlink_in);
  std::swap(leaf_up, leaf_down);
  backwards = !backwards;
  return std::move(*this);
}

ExchangeLoad low_latency_load(const Topology& t, std::span<const double> messages, bool nvlink_in_node) {
  check_sizes(messages.size(), t.gpus() * t.gpus(), "messages");
  ExchangeLoad load = empty_load(t, Mode::kLowLatency);
  load.over_nics = t.gpus() > 1 && (t.nodes() > 1 || !nvlink_in_node);
  const int gpus = t.gpus(), per_node = t.gpus_per_node();
  for (int from = 0; from < gpus; ++from) {
    const double* row = messages.data() + at(from) * at(gpus);
    double total = 0.0, inside = 0.0;
    for (int to = 0; to < gpus; ++to) total += row[to], load.nic_in[at(to)] += row[to];
    const int first = t.node_of(from) * per_node, end = std::min(first + per_node, gpus);
    for (int to = nvlink_in_node ? first : from; to < (nvlink_in_node ? end : from + 1); ++to) {
      load.nic_in[at(to)] -= row[to], total -= row[to];
      if (to != from) inside += row[to], load.nvlink_in[at(to)] += row[to];
    }
    load.nic_out[at(from)] = std::max(0.0, total);
    load.nvlink_out[at(from)] = inside;
  }
  for (double& in : load.nic_in) in = std::max(0.0, in);
  add_uplinks(t, load, [&](int from, int to) {
    const bool inside = nvlink_in_node && t.node_of(from) == t.node_of(to);
    return inside ? 0.0 : messages[at(from) * at(gpus) + at(to)];
  });
  return load;
}

ExchangeLoad low_latency_load(const Topology& t, std::span<const double> sent, std::span<const double> share,
                              bool nvlink_in_node) {
  check_sizes(sent.size(), t.gpus(), "senders"), check_sizes(share.size(), t.gpus(), "shares");
  ExchangeLoad load = empty_load(t, Mode::kLowLatency);
  load.over_nics = t.gpus() > 1 && (t.nodes() > 1 || !nvlink_in_node);
  const double all_sent = sum(sent), all_shares = sum(share);
  for (int g = 0; g < t.gpus(); ++g) {
    const std::size_t first = at(t.node_of(g) * t.gpus_per_node());
    const std::size_t size = std::min(at(t.gpus_per_node()), at(t.gpus()) - first);
    const double node_sent = nvlink_in_node ? sum(sent.subspan(first, size)) : sent[at(g)];
    const double node_share = nvlink_in_node ? sum(share.subspan(first, size)) : share[at(g)];
    load.nic_out[at(g)] = sent[at(g)] * std::max(0.0, all_shares - node_share);
    load.nic_in[at(g)] = share[at(g)] * std::max(0.0, all_sent - node_sent);
    load.nvlink_out[at(g)] = sent[at(g)] * (node_share - share[at(g)]);
    load.nvlink_in[at(g)] = share[at(g)] * (node_sent - sent[at(g)]);
  }
  add_uplinks(t, load, [&](int from, int to) {
    const bool inside = nvlink_in_node && t.node_of(from) == t.node_of(to);
    return inside ? 0.0 : sent[at(from)] * share[at(to)];
  });
  return load;
}

namespace {

// From what each GPU sends to each node, `copies(from, node)`: NICs, staging and uplinks.
template <class Copies>
void add_rails(const Topology& t, ExchangeLoad& load, Copies copies) {
  load.over_nics = t.nodes() > 1;
  if (t.nodes() == 1) return;
  std::vector<double> received(at(t.gpus()), 0.0);
  for (int from = 0; from < t.gpus(); ++from)
    for (int node = 0; node < t.nodes(); ++node) {
      const int to = node * t.gpus_per_node() + t.rail_of(from);
      const double n = copies(from, node);
      load.staged[at(from)] += n, received[at(to)] += n;
      if (to == from) continue;
      if (node != t.node_of(from)) load.nic_out[at(from)] += n, load.nic_in[at(to)] += n;
      if (t.oversubscribed() && t.leaf_of(from) != t.leaf_of(to))
        load.leaf_up[at(t.leaf_of(from))] += n, load.leaf_down[at(t.leaf_of(to))] += n;
    }
  for (std::size_t g = 0; g < received.size(); ++g) load.staged[g] = std::max(load.staged[g], received[g]);
}

}  // namespace

ExchangeLoad normal_load(const Topology& t, std::span<const double> copies,
                         std::span<const double> gpu_copies) {
  check_sizes(copies.size(), t.gpus() * t.nodes(), "copies");
  check_sizes(gpu_copies.size(), t.gpus() * t.gpus(), "copies to GPUs");
  ExchangeLoad load = empty_load(t, Mode::kNormal);
  add_rails(t, load, [&](int from, int node) { return copies[at(from) * at(t.nodes()) + at(node)]; });
  for (int from = 0; from < t.gpus(); ++from)
    for (int to = 0; to < t.gpus(); ++to) {
      const int forwarder = t.node_of(to) * t.gpus_per_node() + t.rail_of(from);
      if (forwarder == to) continue;
      const double n = gpu_copies[at(from) * at(t.gpus()) + at(to)];
      load.nvlink_out[at(forwarder)] += n, load.nvlink_in[at(to)] += n;
    }
  return load;
}

ExchangeLoad normal_load(const Topology& t, std::span<const double> tokens,
                         std::span<const double> node_share, std::span<const double> gpu_share) {
  check_sizes(tokens.size(), t.gpus(), "senders"), check_sizes(gpu_share.size(), t.gpus(), "shares of GPUs");
  check_sizes(node_share.size(), t.nodes(), "shares of nodes");
  ExchangeLoad load = empty_load(t, Mode::kNormal);
  add_rails(t, load, [&](int from, int node) { return tokens[at(from)] * node_share[at(node)]; });
  std::vector<double> rail_tokens(at(t.gpus_per_node()), 0.0);
  for (int g = 0; g < t.gpus(); ++g) rail_tokens[at(t.rail_of(g))] += tokens[at(g)];
  const double all = sum(tokens);
  for (int g = 0; g < t.gpus(); ++g) {
    const std::size_t first = at(t.node_of(g) * t.gpus_per_node());
    const std::size_t size = std::min(at(t.gpus_per_node()), at(t.gpus()) - first);
    const double own = rail_tokens[at(t.rail_of(g))];
    load.nvlink_out[at(g)] = own * (sum(gpu_share.subspan(first, size)) - gpu_share[at(g)]);
    load.nvlink_in[at(g)] = (all - own) * gpu_share[at(g)];
  }
  return load;
}

ExchangeLoad balanced_low_latency(const Topology& t, double tokens, std::int64_t experts_per_token,
                                  bool nvlink_in_node) {
  const std::vector<double> sent(at(t.gpus()), tokens * static_cast<double>(experts_per_token));
  const std::vector<double> share(at(t.gpus()), 1.0 / t.gpus());
  return low_latency_load(t, sent, share, nvlink_in_node);
}

ExchangeLoad balanced_normal(const Topology& t, double tokens, double nodes_per_token,
                             double gpus_per_token) {
  const std::vector<double> sent(at(t.gpus()), tokens), nodes(at(t.nodes()), nodes_per_token / t.nodes()),
      gpus(at(t.gpus()), gpus_per_token / t.gpus());
  return normal_load(t, sent, nodes, gpus);
}

}  // namespace tideline::network
