#include "sim/network/routes.h"

#include <algorithm>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "sim/base/check.h"
#include "sim/network/topology_graph.h"

namespace tideline::network {
namespace {

// RDMA does not pass through NVSwitches.
struct NotNvswitch {
  const BoostGraph* graph = nullptr;
  bool operator()(BoostGraph::vertex_descriptor v) const { return (*graph)[v].place != Place::kNvswitch; }
};

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

template <class Graph, class Visit>
void for_each_edge(const Graph& graph, Visit visit) {
  for (std::size_t v = 0; v < num_vertices(graph); ++v)
    for (const auto e : boost::make_iterator_range(out_edges(v, graph))) visit(e);
}

}  // namespace

Routes::Routes(const Topology& topology) : topology_(topology), tail_(topology.links().size()) {
  const BoostGraph& graph = topology_.graph().boost;
  const boost::filtered_graph<BoostGraph, boost::keep_all, NotNvswitch> rdma(graph, {}, NotNvswitch{&graph});
  for_each_edge(graph, [&](const auto& e) { tail_[at(graph[e].link)] = static_cast<int>(source(e, graph)); });
  std::vector<std::size_t> from(num_vertices(graph));
  for (int g = 0; g < topology_.gpus(); ++g) {
    boost::dijkstra_shortest_paths(rdma, at(g),
                                   boost::predecessor_map(from.data())
                                       .weight_map(get(&EdgeInfo::latency_s, rdma))
                                       .vertex_index_map(get(boost::vertex_index, rdma)));
    std::vector<int> last(from.size(), -1);
    for (std::size_t v = 0; v < from.size(); ++v)
      if (graph[v].place != Place::kNvswitch && from[v] != v)
        last[v] = graph[edge(from[v], v, graph).first].link;
    last_link_.push_back(std::move(last));
  }
}

void Routes::append_rdma(int from, int to, std::vector<int>& links) const {
  const auto first = static_cast<std::ptrdiff_t>(links.size());
  for (int v = to; v != from; v = tail_[at(links.back())]) {
    links.push_back(last_link_[at(from)][at(v)]);
    CHECK(links.back() >= 0, "no route from GPU {} to GPU {}", from, to);
  }
  std::reverse(links.begin() + first, links.end());
}

void Routes::append_nvlink(int from, int to, std::vector<int>& links) const {
  if (from == to) return;
  links.push_back(Topology::nvlink_out(from));
  links.push_back(Topology::nvlink_in(to));
}

std::vector<int> Routes::between(int from, int to, Path path) const {
  std::vector<int> links;
  if (from == to) return links;
  const bool inside = topology_.node_of(from) == topology_.node_of(to);
  if (path == Path::kBest && inside) {
    append_nvlink(from, to, links);
    return links;
  }
  int sender = from;
  if (path == Path::kBest && topology_.cross_rail() == CrossRail::kNvswitch)
    sender += topology_.rail_of(to) - topology_.rail_of(from);
  append_nvlink(from, sender, links);
  append_rdma(sender, to, links);
  return links;
}

Seconds Routes::latency(int from, int to, Path path) const {
  double sum = 0.0;
  for (const int link : between(from, to, path)) sum += topology_.links()[at(link)].latency_s;
  return Seconds(sum);
}

namespace {

// Integers, because push-relabel compares residual capacities with 0.
using FlowTraits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
struct FlowEdge {
  std::int64_t capacity = 0, residual = 0;
  FlowTraits::edge_descriptor reverse;
  int link = -1;
};
using FlowGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, FlowEdge>;

void add_pair(FlowGraph& graph, std::size_t a, std::size_t b, std::int64_t capacity, int link) {
  const auto forth = add_edge(a, b, FlowEdge{capacity, 0, {}, link}, graph).first;
  const auto back = add_edge(b, a, FlowEdge{}, graph).first;
  graph[forth].reverse = back, graph[back].reverse = forth;
}

std::vector<bool> reached(const FlowGraph& graph, std::size_t source) {
  std::vector<bool> seen(num_vertices(graph), false);
  std::vector<std::size_t> open{source};
  seen[source] = true;
  while (!open.empty()) {
    const std::size_t v = open.back();
    open.pop_back();
    for (const auto e : boost::make_iterator_range(out_edges(v, graph)))
      if (const std::size_t w = target(e, graph); graph[e].residual > 0 && !seen[w])
        seen[w] = true, open.push_back(w);
  }
  return seen;
}

}  // namespace

Cut bisection(const Topology& t) {
  CHECK(t.gpus() >= 2, "a bisection of {} GPUs", t.gpus());
  const BoostGraph& graph = t.graph().boost;
  const std::size_t source = num_vertices(graph), sink = source + 1;
  FlowGraph flow(sink + 1);
  for_each_edge(graph, [&](const auto& e) {
    add_pair(flow, boost::source(e, graph), target(e, graph),
             std::llround(t.links()[at(graph[e].link)].capacity_Bps), graph[e].link);
  });
  constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max() / 4096;
  const int half = t.nodes() > 1 ? t.nodes() / 2 * t.gpus_per_node() : t.gpus() / 2;
  for (int g = 0; g < t.gpus(); ++g)
    g < half ? add_pair(flow, source, at(g), kEndless, -1) : add_pair(flow, at(g), sink, kEndless, -1);
  const std::int64_t total =
      boost::push_relabel_max_flow(flow, source, sink,
                                   boost::capacity_map(get(&FlowEdge::capacity, flow))
                                       .residual_capacity_map(get(&FlowEdge::residual, flow))
                                       .reverse_edge_map(get(&FlowEdge::reverse, flow))
                                       .vertex_index_map(get(boost::vertex_index, flow)));
  Cut cut{BytesPerSecond(static_cast<double>(total)), {}};
  const std::vector<bool> near = reached(flow, source);
  for_each_edge(flow, [&](const auto& e) {
    if (flow[e].link >= 0 && near[boost::source(e, flow)] && !near[target(e, flow)])
      cut.links.push_back(flow[e].link);
  });
  std::ranges::sort(cut.links);
  return cut;
}

}  // namespace tideline::network
