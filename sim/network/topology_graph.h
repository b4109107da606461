// The graph behind a Topology, in Boost.Graph's own types: only routes and cuts look at it.
#pragma once

#include <boost/graph/adjacency_list.hpp>

#include "sim/network/topology.h"

namespace tideline::network {

enum class Place { kGpu, kNvswitch, kNic, kLeaf, kSpine };

struct VertexInfo {
  Place place = Place::kGpu;
  int index = 0;  // GPU, node, GPU of the NIC, leaf
};

struct EdgeInfo {
  int link = -1;  // of Topology::links
  double latency_s = 0.0;
};

using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, VertexInfo, EdgeInfo>;

// Vertices of GPU g: g; of its NIC: gpus + g. The others follow.
struct Topology::Graph {
  BoostGraph boost;
};

}  // namespace tideline::network
