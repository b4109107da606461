#include "sim/step/layer_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/topological_sort.hpp>
#include <iterator>

namespace tideline::step {
namespace {

using Vertex = OperationGraph::vertex_descriptor;

// Edges within one layer.
template <class Graph>
bool is_inside(const Graph& graph, typename Graph::edge_descriptor edge) {
  return graph[edge].layers_back == 0;
}

std::vector<Vertex> in_order(const OperationGraph& graph) {
  // The edges to the next layer close cycles: sorted without them.
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> inside(num_vertices(graph));
  for (const auto edge : boost::make_iterator_range(edges(graph)))
    if (is_inside(graph, edge)) add_edge(source(edge, graph), target(edge, graph), inside);
  std::vector<Vertex> order;
  boost::topological_sort(inside, std::back_inserter(order));
  std::ranges::reverse(order);
  return order;
}

std::string time_of(const Operation& o) {
  const double us = o.cost.time.value() * 1e6;
  return us > 0.0 ? fmt::format("\\n{:.1f} us", us) : "";
}

}  // namespace

OperationGraph operation_graph(const std::vector<Operation>& layer) {
  OperationGraph graph(layer.size());
  std::vector<bool> begins(layer.size(), true), ends(layer.size(), true);
  for (std::size_t v = 0; v < layer.size(); ++v) {
    graph[v] = layer[v];
    for (const int before : layer[v].after) {
      if (before < 0) continue;
      add_edge(static_cast<Vertex>(before), v, Dependency{0}, graph);
      begins[v] = ends[static_cast<std::size_t>(before)] = false;
    }
  }
  for (std::size_t last = 0; last < layer.size(); ++last)
    for (std::size_t first = 0; ends[last] && first < layer.size(); ++first)
      if (begins[first]) add_edge(last, first, Dependency{1}, graph);
  return graph;
}

StageGraph stage_graph(const OperationGraph& operations) {
  StageGraph graph(kStages);
  for (std::size_t s = 0; s < kStages; ++s) graph[s] = static_cast<Stage>(s);
  for (const auto edge : boost::make_iterator_range(edges(operations))) {
    const auto from = static_cast<std::size_t>(operations[source(edge, operations)].stage);
    const auto to = static_cast<std::size_t>(operations[target(edge, operations)].stage);
    const Dependency dependency = operations[edge];
    if (from == to && is_inside(operations, edge)) continue;
    const auto known = boost::make_iterator_range(out_edges(from, graph));
    const bool drawn = std::ranges::any_of(known, [&](const auto e) {
      return target(e, graph) == to && graph[e].layers_back == dependency.layers_back;
    });
    if (!drawn) add_edge(from, to, dependency, graph);
  }
  return graph;
}

StageWaits stage_waits(const StageGraph& stages) {
  StageWaits waits;
  for (std::size_t s = 0; s < kStages; ++s)
    for (const auto edge : boost::make_iterator_range(in_edges(s, stages)))
      waits[s].push_back({stages[source(edge, stages)], stages[edge].layers_back});
  return waits;
}

StageWaits stage_waits(const std::vector<Operation>& layer) {
  return stage_waits(stage_graph(operation_graph(layer)));
}

Seconds critical_path(const OperationGraph& operations) {
  std::vector<Seconds> end(num_vertices(operations));
  Seconds longest;
  for (const Vertex v : in_order(operations)) {
    for (const auto edge : boost::make_iterator_range(in_edges(v, operations)))
      if (is_inside(operations, edge)) end[v] = std::max(end[v], end[source(edge, operations)]);
    end[v] += operations[v].time();
    longest = std::max(longest, end[v]);
  }
  return longest;
}

std::string graphviz(const OperationGraph& operations) {
  std::string out = "digraph layer {\n  rankdir=LR; node [shape=box];\n";
  for (std::size_t s = 0; s < kStages; ++s) {
    out += fmt::format("  subgraph cluster_{} {{ label=\"{}\";", s, kStageNames[s]);
    for (const Vertex v : boost::make_iterator_range(vertices(operations)))
      if (operations[v].stage == static_cast<Stage>(s))
        out += fmt::format(" {} [label=\"{}{}\"];", v, operations[v].name, time_of(operations[v]));
    out += " }\n";
  }
  for (const auto edge : boost::make_iterator_range(edges(operations)))
    out += fmt::format("  {} -> {}{};\n", source(edge, operations), target(edge, operations),
                       is_inside(operations, edge) ? "" : " [style=dashed, constraint=false]");
  return out + "}\n";
}

}  // namespace tideline::step
