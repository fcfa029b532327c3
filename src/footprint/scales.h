// Scales: how many rows every value has for each row of the image, along one axis.
#pragma once

#include <optional>
#include <vector>

#include "sectile/footprint.h"
#include "src/graph/graph.h"
#include "src/graph/infer.h"

namespace sectile::internal {

// Rows per input row of every value; a NodeProblem where two inputs of one node disagree.
struct Scales {
  std::vector<std::optional<Ratio>> of_value;
  std::vector<NodeProblem> problems;
};
Scales derive_scales(const Graph& graph, Axis axis);

}  // namespace sectile::internal
