// What one run of a graph costs in time, at the graph's shapes; in multiply-adds, or in work that
// takes as long.
#pragma once

#include "src/graph/graph.h"

namespace sectile::internal {

double network_cost(const Graph& graph);

// Of reading and writing values that are too large to stay in a core's cache from one node to the
// next.
double traffic_cost(const Graph& graph);

// Of copying so many bytes from one place in memory to another.
double copying_cost(double bytes);

// Of making the tables that can be transient (kTransientTable): in each run where they are, else in
// a session's first.
double indirection_cost(const Graph& graph);

}  // namespace sectile::internal
