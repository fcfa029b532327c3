// Row-major ends: the same network, with images of [1, rows, columns, channels] at both ends.
#pragma once

#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile {

// The graph without the transposes that stand behind its planar input and before its planar output;
// where something else stands there, transposes are put in instead. Ids of values are kept.
// Errors: unsupported (an input or output that is no such image; a network that computes nothing).
Result<Graph> with_row_major_ends(const Graph& graph);

}  // namespace sectile
