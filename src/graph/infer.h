// Shapes of all values, derived from the image's size by the operators' rules.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct NodeProblem {
  std::size_t node = 0;  // index into Graph::nodes
  Error error;           // the message is the bare reason: "it averages over the whole image"
  BlockerReason reason = BlockerReason::other;
};

struct Inference {
  std::vector<std::optional<Shape>> shapes;  // one per value; none where a problem stands before it
  std::vector<NodeProblem> problems;
};

// The shape of the node's output, for these shapes of its inputs. Errors: those of its rule.
Result<Shape> infer_shape(const Graph& graph, const Node& node, std::span<const Shape> inputs);

// Goes on after a node that has a problem wherever its output is not needed, so that every first
// cause is found. The shapes in `graph` are those of the exported size; the image's axes need be
// known for the input alone.
Inference infer_all(const Graph& graph, Size image);

// Errors: those of the first problem, with the node's name; invalid_argument for an image without
// pixels.
Result<std::vector<Shape>> infer_shapes(const Graph& graph, Size image);

}  // namespace sectile::internal
