#include "src/transform/resize.h"

#include <utility>

#include "src/graph/infer.h"

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

}  // namespace sectile::internal
