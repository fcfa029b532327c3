#include "src/graph/passes/whole_image_pools.h"

#include <fmt/format.h>

#include <variant>

namespace sectile::internal {

namespace {

bool covers(const Window& window, std::int64_t rows) {
  return window.kernel == rows && rows > kOwnWindow && window.padding() == 0;
}

bool is_whole_image_pool(const Graph& graph, const Node& node) {
  if (node.op != "XNNAvgPooling2d" || node.clamp) return false;
  const Windows& windows = std::get<Pooling>(node.attributes).windows;
  const std::vector<std::int64_t>& dims = graph.shape(node.inputs[0]).dims;
  return dims.size() == 4 && covers(windows.y, dims[1]) && covers(windows.x, dims[2]);
}

}  // namespace

std::string why_whole_image(Size window) {
  return fmt::format(
      "its window of {} is all of the image as it was exported, so it is taken for a pool over the "
      "whole image",
      to_string(window));
}

Graph whole_image_pools(Graph graph) {
  for (Node& node : graph.nodes) {
    if (!is_whole_image_pool(graph, node)) continue;
    node.op = kWholeImagePool;
    node.attributes = {};
  }
  return graph;
}

}  // namespace sectile::internal
