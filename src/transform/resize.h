// Resize: the same network at another image size.
#pragma once

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The graph with the shapes it has for an image of that size; weights are untouched.
// Errors: invalid_argument when the network does not accept the size; the message names the node.
Result<Graph> resize(const Graph& graph, Size image);

}  // namespace sectile::internal
