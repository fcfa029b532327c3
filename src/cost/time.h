// What one run of a graph costs in time, at the graph's shapes.
//
// Work is counted in multiply-adds, or in operations that take as long; times are seconds of one
// core (machine_model.h).
#pragma once

#include "src/graph/graph.h"

namespace sectile::internal {

// Multiply-adds of all nodes.
double network_work(const Graph& graph);

// Of reading and writing values that are too large to stay in a core's cache from one node to the
// next.
double traffic_seconds(const Graph& graph);

// Of copying so many bytes from one place in memory to another.
double copying_seconds(double bytes);

// Of making the tables that can be transient (kTransientTable): in each run where they are, else in
// a session's first.
double indirection_seconds(const Graph& graph);

}  // namespace sectile::internal
