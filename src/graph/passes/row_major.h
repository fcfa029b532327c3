// Row-major form: the same network, with images of [1, rows, columns, channels] at both ends and
// wherever else they can be.
#pragma once

#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The graph without the transposes at planar ends. What works on planar images between them
// (paddings, slices, pointwise functions) works on row-major ones; where a planar image is needed
// all the same, each node that takes it gets a transpose of its own. The bits are the same.
// Errors: unsupported (an input or output that is no one image; a network that computes nothing).
Result<Graph> row_major_form(const Graph& graph);

// The same between the ends: input and output stay as they are.
Graph row_major_inside(const Graph& graph);

}  // namespace sectile::internal
