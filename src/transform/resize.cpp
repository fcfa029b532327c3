#include "src/transform/resize.h"

#include <utility>

#include "src/footprint/footprint.h"
#include "src/graph/infer.h"
#include "src/graph/operator.h"

namespace sectile::internal {

Result<Graph> resize(const Graph& graph, Size image) {
  auto shapes = infer_shapes(graph, image);
  if (!shapes) return fail(shapes.error());
  Graph resized = graph;
  for (std::size_t id = 0; id < resized.values.size(); ++id) {
    resized.values[id].shape = std::move((*shapes)[id]);
  }
  return resized;
}

Result<Graph> resize_to_tile(const Graph& graph, Size tile, Size image) {
  auto resized = resize(graph, tile);
  if (!resized || tile == image) return resized;
  const auto whole = resize(graph, image);
  if (!whole) return fail(whole.error());
  const Footprint footprint = derive_footprint(graph);
  for (Node& node : resized->nodes) {
    const auto place = find_rule(node.op)->place;
    if (place == nullptr) continue;
    const ValueId input = node.inputs[0];
    const Node of_whole = node;
    place({*whole, of_whole}, {0, 0, footprint.y.value_scale[input]},
          {0, 0, footprint.x.value_scale[input]}, node);
  }
  return resized;
}

}  // namespace sectile::internal
