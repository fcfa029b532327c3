// Pruning: the part of a graph that its outputs need.
#pragma once

#include <span>

#include "src/graph/graph.h"

namespace sectile::internal {

struct Pruned {
  Graph graph;
  std::vector<ValueId> moved;  // the values' new ids; kNoValue for those that are gone
};

// The nodes that the outputs and `kept` depend on, in their order, and their values; all inputs
// stay.
Pruned prune(const Graph& graph, std::span<const ValueId> kept = {});

}  // namespace sectile::internal
