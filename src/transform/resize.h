// Resize: the same network at another image size.
#pragma once

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The graph with the shapes it has for an image of that size; weights are untouched.
// Errors: invalid_argument when the network does not accept the size; the message names the node.
Result<Graph> resize(const Graph& graph, Size image);

// The network at the size of a tile, as it computes tiles of an image of that size: nodes that give
// a tile other values in another place ask where it lies. REQUIRES: tiles begin on the grid.
// Errors: those of resize.
Result<Graph> resize_to_tile(const Graph& graph, Size tile, Size image);

}  // namespace sectile::internal
