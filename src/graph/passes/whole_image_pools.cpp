#include "src/graph/passes/whole_image_pools.h"

#include <variant>

namespace sectile::internal {

namespace {

bool covers(const Window& window, std::int64_t rows) {
  return window.kernel == rows && rows > kOwnWindow && window.padding() == 0;
}

bool is_whole_image_pool(const Graph& graph, const Node& node) {
  const auto* pooling = std::get_if<Pooling>(&node.attributes);
  const std::vector<std::int64_t>& dims = graph.shape(node.inputs[0]).dims;
  return node.op == "XNNAvgPooling2d" && pooling != nullptr && !node.clamp && dims.size() == 4 &&
         covers(pooling->windows.y, dims[1]) && covers(pooling->windows.x, dims[2]);
}

}  // namespace

Graph whole_image_pools(Graph graph) {
  for (Node& node : graph.nodes) {
    if (!is_whole_image_pool(graph, node)) continue;
    node.op = kWholeImagePool;
    node.attributes = {};
  }
  return graph;
}

}  // namespace sectile::internal
