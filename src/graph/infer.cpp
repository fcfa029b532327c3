#include "src/graph/infer.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/graph/operator.h"

namespace sectile {

namespace {

Shape input_at(const Graph& graph, Size image) {
  Shape shape = graph.input_shape();
  if (shape.y >= 0) shape.dims[static_cast<std::size_t>(shape.y)] = image.height;
  if (shape.x >= 0) shape.dims[static_cast<std::size_t>(shape.x)] = image.width;
  return shape;
}

const Value* first_foreign_value(const Graph& graph, const Node& node) {
  for (const ValueId id : node.inputs) {
    if (id != kNoValue && graph.values[id].dtype != "f32") return &graph.values[id];
  }
  return graph.values[node.output].dtype == "f32" ? nullptr : &graph.values[node.output];
}

Result<Shape> infer_node(const Graph& graph, const Node& node, std::span<const Shape> inputs) {
  const OperatorRule* rule = find_rule(node.op);
  if (rule == nullptr) {
    return fail(ErrorCode::unsupported, "Sectile has no rule for this operator");
  }
  if (const Value* foreign = first_foreign_value(graph, node)) {
    return fail(ErrorCode::unsupported,
                fmt::format("it works on {} values; Sectile runs f32", foreign->dtype));
  }
  return rule->shape({graph, node}, inputs);
}

}  // namespace

Inference infer_all(const Graph& graph, Size image) {
  Inference result;
  result.shapes.resize(graph.values.size());
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    if (graph.values[id].constant) result.shapes[id] = graph.values[id].shape;
  }
  result.shapes[graph.input] = input_at(graph, image);
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const auto known = [&](ValueId id) { return id == kNoValue || result.shapes[id].has_value(); };
    if (!std::ranges::all_of(node.inputs, known)) continue;
    std::vector<Shape> inputs;
    for (const ValueId id : node.inputs) {
      inputs.push_back(id == kNoValue ? Shape{} : *result.shapes[id]);
    }
    auto shape = infer_node(graph, node, inputs);
    if (shape) {
      result.shapes[node.output] = std::move(*shape);
    } else {
      result.problems.push_back({index, std::move(shape.error())});
    }
  }
  return result;
}

Result<std::vector<Shape>> infer_shapes(const Graph& graph, Size image) {
  Inference inference = infer_all(graph, image);
  if (!inference.problems.empty()) {
    const NodeProblem& first = inference.problems.front();
    return fail(first.error.code,
                fmt::format("{} at {}: {}", node_name(graph, first.node), to_string(image),
                            first.error.message));
  }
  std::vector<Shape> shapes;
  shapes.reserve(inference.shapes.size());
  for (auto& shape : inference.shapes) shapes.push_back(shape ? std::move(*shape) : Shape{});
  return shapes;
}

}  // namespace sectile
