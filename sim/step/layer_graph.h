// What the operations and the stages of a layer wait for, as graphs: an operation for those whose results it
// reads, a stage for every stage that one of its operations waits for. Both are acyclic but for the edges
// that lead from one layer to the next.
#pragma once

#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <string>
#include <vector>

#include "sim/step/operations.h"
#include "sim/step/stage.h"

namespace tideline::step {

// From what is waited for to what waits.
struct Dependency {
  int layers_back = 0;  // 1: on the layer before
};

// Vertices are the operations, numbered as in the list that it was made of. What nothing in a layer waits
// for, all that begins the next layer waits for.
using OperationGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, Operation, Dependency>;
OperationGraph operation_graph(const std::vector<Operation>& layer);

// The operation graph with the operations of a stage drawn together. Vertices are stages.
using StageGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, Stage, Dependency>;
StageGraph stage_graph(const OperationGraph& operations);

// The same for loops that ask it often.
StageWaits stage_waits(const StageGraph& stages);
// Of a layer given as a list.
StageWaits stage_waits(const std::vector<Operation>& layer);

// Seconds of the longest chain of a layer's operations, none waiting for a stream: no schedule is faster.
Seconds critical_path(const OperationGraph& operations);

// In Graphviz's language: stages as boxes around their operations, dashed what waits for the layer before.
std::string graphviz(const OperationGraph& operations);

}  // namespace tideline::step
