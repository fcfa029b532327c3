#include "src/transform/resize.h"

#include <algorithm>
#include <utility>

#include "src/footprint/footprint.h"
#include "src/graph/infer.h"
#include "src/graph/operator.h"
#include "src/graph/passes/stages.h"

namespace sectile::internal {

Result<Graph> resize(const Graph& graph, Size image) {
  auto shapes = infer_shapes(graph, image);
  if (!shapes) return fail(shapes.error());
  Graph resized = graph;
  for (std::size_t id = 0; id < resized.values.size(); ++id) {
    resized.values[id].shape = std::move((*shapes)[id]);
  }
  for (Node& node : resized.nodes) {
    const OperatorRule* rule = find_rule(node.op);
    if (rule->fit != nullptr) rule->fit({resized, node}, node);
  }
  return resized;
}

Result<Graph> resize_to_tile(const Graph& graph, Size tile, Size image) {
  if (tile != image && takes_statistics(graph)) {
    return fail(ErrorCode::internal, "a tile does not see the whole image");
  }
  auto resized = resize(graph, tile);
  const auto asks_for_place = [](const Node& node) { return find_rule(node.op)->place != nullptr; };
  if (!resized || tile == image || std::ranges::none_of(graph.nodes, asks_for_place)) {
    return resized;
  }
  const auto whole = resize(graph, image);
  if (!whole) return fail(whole.error());
  const Footprint footprint = derive_footprint(graph);
  for (Node& node : resized->nodes) {
    if (!asks_for_place(node)) continue;
    const ValueId input = node.inputs[0];
    const Node of_whole = node;
    find_rule(node.op)->place({*whole, of_whole}, {0, 0, footprint.y.value_scale[input]},
                              {0, 0, footprint.x.value_scale[input]}, node);
  }
  return resized;
}

}  // namespace sectile::internal
