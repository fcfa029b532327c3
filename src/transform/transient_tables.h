// Lean: the same network in less memory and more time.
#pragma once

#include "src/graph/graph.h"

namespace sectile::internal {

// The graph with its indirection tables built again in every run, where XNNPACK can do that. The
// bits of its output stay the same.
Graph with_transient_tables(const Graph& graph);

}  // namespace sectile::internal
