#include "src/graph/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sectile {

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) product *= dim;
  return product;
}

std::string to_string(const Shape& shape) { return fmt::format("{}", fmt::join(shape.dims, "x")); }

std::string node_name(const Graph& graph, std::size_t index) {
  return fmt::format("node {} ({})", index, graph.nodes[index].op);
}

}  // namespace sectile
