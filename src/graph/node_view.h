// NodeView: a node together with the graph it stands in.
//
// Thread safety: as that of the graph it refers to.
#pragma once

#include <cstddef>
#include <variant>

#include "src/graph/graph.h"

namespace sectile::internal {

// The graph's shapes are those of some accepted size (the exported one, say).
struct NodeView {
  const Graph& graph;
  const Node& node;

  const Value& input(std::size_t index) const { return graph.values[node.inputs[index]]; }
  const Value& output() const { return graph.values[node.output]; }
  const Shape& output_shape() const { return graph.shape(node.output); }
  template <typename T>
  const T& attributes() const {
    return std::get<T>(node.attributes);
  }
};

}  // namespace sectile::internal
