// Nodes that move values, and constants: of them operators that XNNPACK does not have are made.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/graph/operator.h"

namespace sectile::internal {

// A value of the same kind as `like`, in another shape; no node makes it yet.
ValueId add_like(Graph& graph, ValueId like, Shape shape);

// Each appends nodes to `graph` and returns the value they make.
ValueId reshape(Graph& graph, ValueId in, std::vector<std::int64_t> dims);
// `count` rows of dim `dim` from `first` on.
ValueId slice(Graph& graph, ValueId in, std::size_t dim, std::int64_t first, std::int64_t count);
// Each row and column as factor.height rows and factor.width columns, whose values are channels of
// it: channel (c * height + dy) * width + dx becomes channel c, row dy and column dx of them.
// REQUIRES: one image, planar or row-major, of a multiple of factor.area() channels.
ValueId depth_to_space(Graph& graph, ValueId in, bool planar, Size factor);
ValueId transpose(Graph& graph, ValueId in, std::vector<std::int64_t> perm);
// A row-major image with so many rows and columns of zeros on all sides. They are -0: any number
// plus -0 is that number, 0 and -0 too.
ValueId surround(Graph& graph, ValueId in, std::int64_t rows, std::int64_t columns);
// The values side by side along `dim`. REQUIRES: at least one.
ValueId join(Graph& graph, std::vector<ValueId> pieces, std::size_t dim);

// A constant that holds these numbers, in f32. REQUIRES: as many as the dims have.
ValueId add_numbers(Graph& graph, std::vector<std::int64_t> dims, std::span<const float> numbers);

// Gives `made`, the value that the node's output was to be, that output's place.
void finish_lowering(const NodeView& view, Graph& graph, ValueId made);

}  // namespace sectile::internal
