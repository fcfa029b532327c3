#include "src/transform/row_major.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace sectile {

namespace {

using Dims = std::vector<std::int64_t>;

const Dims& to_row_major() {
  static const Dims perm{0, 2, 3, 1};
  return perm;
}
const Dims& to_planar() {
  static const Dims perm{0, 3, 1, 2};
  return perm;
}

bool transposes(const Node& node, const Dims& perm) {
  const auto* transpose = std::get_if<Transpose>(&node.attributes);
  return transpose != nullptr && transpose->perm == perm;
}

bool is_planar_image(const Shape& shape) {
  return shape.dims.size() == 4 && shape.dims[0] == 1 && shape.y == 2 && shape.x == 3;
}

ValueId add_value(Graph& graph, Shape shape) {
  graph.values.push_back({std::move(shape), "f32", {}});
  return static_cast<ValueId>(graph.values.size() - 1);
}

Shape row_major(const Shape& planar) {
  return {{1, planar.dims[2], planar.dims[3], planar.dims[1]}, 1, 2};
}

Node transpose_node(ValueId from, ValueId to, const Dims& perm) {
  Node node;
  node.op = "XNNStaticTranspose";
  node.inputs = {from};
  node.output = to;
  node.attributes = Transpose{perm};
  return node;
}

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes) std::ranges::replace(node.inputs, from, to);
  if (graph.output == from) graph.output = to;
}

// Each node that takes the planar image gets one of its own, so that each can take other rows.
void turn_input(Graph& graph) {
  const ValueId planar = graph.input;
  graph.input = add_value(graph, row_major(graph.shape(planar)));
  const std::vector<Node> nodes = std::exchange(graph.nodes, {});
  for (const Node& node : nodes) {
    const bool takes_image = std::ranges::find(node.inputs, planar) != node.inputs.end();
    if (takes_image && !transposes(node, to_row_major())) {
      const ValueId turned = add_value(graph, graph.shape(planar));
      graph.nodes.push_back(transpose_node(graph.input, turned, to_planar()));
      graph.nodes.push_back(node);
      std::ranges::replace(graph.nodes.back().inputs, planar, turned);
    } else {
      graph.nodes.push_back(node);
    }
  }
  for (const Node& node : nodes) {
    if (node.inputs[0] == planar && transposes(node, to_row_major())) {
      replace_uses(graph, node.output, graph.input);
    }
  }
  std::erase_if(graph.nodes, [&](const Node& node) { return node.inputs[0] == planar; });
}

void turn_output(Graph& graph) {
  const ValueId planar = graph.output;
  const auto last = std::ranges::find(graph.nodes, planar, &Node::output);
  if (last != graph.nodes.end() && transposes(*last, to_planar())) {
    graph.output = last->inputs[0];
    return;
  }
  graph.output = add_value(graph, row_major(graph.shape(planar)));
  graph.nodes.push_back(transpose_node(planar, graph.output, to_row_major()));
}

Status check_end(const char* name, const Shape& shape) {
  if (is_row_major_image(shape) || is_planar_image(shape)) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("the network's {} of shape {} is not one image", name, to_string(shape)));
}

}  // namespace

Result<Graph> with_row_major_ends(const Graph& graph) {
  if (auto status = check_end("input", graph.input_shape()); !status) return fail(status.error());
  if (auto status = check_end("output", graph.output_shape()); !status) return fail(status.error());
  Graph turned = graph;
  if (is_planar_image(graph.output_shape())) turn_output(turned);
  if (is_planar_image(graph.input_shape())) turn_input(turned);
  if (turned.output != turned.input) return turned;
  return fail(ErrorCode::unsupported, "the network gives back its input as it is");
}

}  // namespace sectile
