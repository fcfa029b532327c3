// Numbers of a network that may stand for the size it was exported for.
//
// An exporter writes what follows from the image's size (the window of a global pool, the middle
// row, the count of pixels) as a number like any other. Taken as it stands it would give wrong
// pixels at every other size, so a number that may be one is a doubt, and refused.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/graph/infer.h"

namespace sectile::internal {

// The doubts of a network whose shapes are the exported ones. What follows a node in doubt has none
// of its own. `file`: where the constants lie.
std::vector<NodeProblem> find_size_doubts(const Graph& graph, std::span<const std::byte> file);

// For each value, whether it is computed from the output of one of these nodes.
std::vector<bool> values_after(const Graph& graph, const std::vector<NodeProblem>& problems);

}  // namespace sectile::internal
