#include "src/graph/passes/data_movement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sectile::internal {

namespace {

constexpr std::size_t kMostConcatInputs = 5;  // XNNConcatenate5

ValueId add(Graph& graph, Node node, Shape shape) {
  node.output = add_like(graph, node.inputs[0], std::move(shape));
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().output;
}

ValueId concat(Graph& graph, std::vector<ValueId> pieces, std::size_t dim) {
  Shape shape = graph.shape(pieces[0]);
  shape.dims[dim] = 0;
  for (const ValueId id : pieces) shape.dims[dim] += graph.shape(id).dims[dim];
  Node node;
  node.op = fmt::format("XNNConcatenate{}", pieces.size());
  node.inputs = std::move(pieces);
  node.attributes = Concat{static_cast<std::int64_t>(dim)};
  return add(graph, std::move(node), std::move(shape));
}

}  // namespace

ValueId add_like(Graph& graph, ValueId like, Shape shape) {
  graph.values.push_back(graph.values[like].like(std::move(shape)));
  return static_cast<ValueId>(graph.values.size() - 1);
}

ValueId reshape(Graph& graph, ValueId in, std::vector<std::int64_t> dims) {
  Node node;
  node.op = "XNNStaticReshape";
  node.inputs = {in};
  return add(graph, std::move(node), {std::move(dims), -1, -1});
}

ValueId transpose(Graph& graph, ValueId in, std::vector<std::int64_t> perm) {
  Shape shape{{}, -1, -1};
  for (const std::int64_t dim : perm) {
    shape.dims.push_back(graph.shape(in).dims[static_cast<std::size_t>(dim)]);
  }
  Node node;
  node.op = "XNNStaticTranspose";
  node.inputs = {in};
  node.attributes = Transpose{std::move(perm)};
  return add(graph, std::move(node), std::move(shape));
}

ValueId slice(Graph& graph, ValueId in, std::size_t dim, std::int64_t first, std::int64_t count) {
  Shape shape = graph.shape(in);
  Slice attributes{std::vector<std::int64_t>(shape.dims.size(), 0)};
  attributes.offsets[dim] = first;
  shape.dims[dim] = count;
  Node node;
  node.op = "XNNStaticSlice";
  node.inputs = {in};
  node.attributes = std::move(attributes);
  return add(graph, std::move(node), std::move(shape));
}

ValueId depth_to_space(Graph& graph, ValueId in, bool planar, Size factor) {
  const std::vector<std::int64_t> dims = graph.shape(in).dims;
  const auto [r, s] = factor;
  const std::int64_t rows = dims[planar ? 2 : 1];
  const std::int64_t columns = dims[planar ? 3 : 2];
  const std::int64_t channels = dims[planar ? 1 : 3] / factor.area();
  using Dims = std::vector<std::int64_t>;
  const ValueId apart = reshape(
      graph, in,
      planar ? Dims{1, channels, r, s, rows, columns} : Dims{1, rows, columns, channels, r, s});
  const ValueId turned = transpose(graph, apart, {0, 1, 4, 2, 5, 3});
  return reshape(
      graph, turned,
      planar ? Dims{1, channels, rows * r, columns * s} : Dims{1, rows * r, columns * s, channels});
}

ValueId surround(Graph& graph, ValueId in, std::int64_t rows, std::int64_t columns) {
  Shape shape = graph.shape(in);
  shape.dims[1] += 2 * rows;
  shape.dims[2] += 2 * columns;
  const std::vector<std::int64_t> amounts = {0, rows, columns, 0};
  Node node;
  node.op = "XNNStaticConstantPad";
  node.inputs = {in};
  node.attributes = Pad{amounts, amounts, -0.0F, PadMode::constant};
  return add(graph, std::move(node), std::move(shape));
}

ValueId join(Graph& graph, std::vector<ValueId> pieces, std::size_t dim) {
  while (pieces.size() > 1) {
    std::vector<ValueId> joined;
    for (std::size_t i = 0; i < pieces.size(); i += kMostConcatInputs) {
      const std::size_t count = std::min(kMostConcatInputs, pieces.size() - i);
      const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(i);
      const std::vector<ValueId> some(begin, begin + static_cast<std::ptrdiff_t>(count));
      joined.push_back(count == 1 ? some[0] : concat(graph, some, dim));
    }
    pieces = std::move(joined);
  }
  return pieces[0];
}

ValueId add_numbers(Graph& graph, std::vector<std::int64_t> dims, std::span<const float> numbers) {
  const auto bytes = std::as_bytes(numbers);
  Value value;
  value.shape.dims = std::move(dims);
  value.constant.emplace();
  value.constant->size_bytes = bytes.size();
  value.constant->bytes.assign(bytes.begin(), bytes.end());
  graph.values.push_back(std::move(value));
  return static_cast<ValueId>(graph.values.size() - 1);
}

void finish_lowering(const NodeView& view, Graph& graph, ValueId made) {
  if (made == view.node.inputs[0]) reshape(graph, made, view.output_shape().dims);
  graph.nodes.back().output = view.node.output;
  graph.values.pop_back();
}

}  // namespace sectile::internal
