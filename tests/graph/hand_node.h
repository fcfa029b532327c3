// HandNode: one node with its values, made by hand, to ask an operator's rule about.
//
// Thread safety: plain data.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/graph/operator.h"

namespace sectile::internal::test {

using Dims = std::vector<std::int64_t>;

// Rows, columns, channels: as most operators take an image.
inline Shape image_shape(std::int64_t rows, std::int64_t columns, std::int64_t channels) {
  return {{1, rows, columns, channels}, 1, 2};
}

class HandNode {
 public:
  explicit HandNode(std::string op, Attributes attributes = {}) {
    node_.op = std::move(op);
    node_.attributes = std::move(attributes);
  }

  HandNode& input(Shape shape) {
    node_.inputs.push_back(add(std::move(shape)));
    return *this;
  }
  HandNode& constant(Dims dims) {
    node_.inputs.push_back(add({std::move(dims), -1, -1}));
    graph_.values.back().constant = Constant{};
    return *this;
  }
  HandNode& absent() {
    node_.inputs.push_back(kNoValue);
    return *this;
  }
  // The shape it was exported with; for the operators whose attributes leave it open.
  HandNode& exported(Dims dims) {
    node_.output = add({std::move(dims), -1, -1});
    return *this;
  }
  HandNode& flags(std::uint32_t flags) {
    node_.flags = flags;
    return *this;
  }

  // What the shape rule says for the inputs as they are; with `first`, for another first input.
  Result<Shape> shape() const { return rule().shape(view(), input_shapes()); }
  Result<Shape> shape(const Shape& first) const {
    std::vector<Shape> inputs = input_shapes();
    inputs[0] = first;
    return rule().shape(view(), inputs);
  }
  // Puts what the shape rule says in the output's place, as reading a program does.
  HandNode& settle() {
    auto derived = shape();
    if (!derived) {
      ADD_FAILURE() << node_.op << ": " << derived.error().message;
    } else if (node_.output == kNoValue) {
      node_.output = add(std::move(*derived));
    } else {
      graph_.values[node_.output].shape = std::move(*derived);
    }
    return *this;
  }

  Range reach(Axis axis, Range output, std::size_t index = 0) const {
    return rule().reach(view(), index, axis, output);
  }
  Crop crop(Axis axis, Range output) const { return rule().crop.ranges(view(), axis, output); }
  // The rows that come out of the node changed for `crop` when it is given the rows of the crop's
  // input within its own. REQUIRES: the rule changes the node.
  Result<Shape> part_shape(Axis axis, const Crop& crop) const {
    Node changed = node_;
    rule().crop.crop_node(view(), axis, crop, changed);
    std::vector<Shape> inputs = input_shapes();
    const Range taken = crop.input.intersect({0, inputs[0].length(axis)});
    inputs[0].dims[static_cast<std::size_t>(inputs[0].dim_of(axis))] = taken.size();
    return rule().shape({graph_, changed}, inputs);
  }
  Ratio scale(Axis axis) const { return rule().scale(view(), axis); }
  double cost() const { return rule().cost(view()); }
  OperatorMemory memory() const { return rule().memory(view()); }
  // Of a first input of that shape, in an image that is larger by whole grid steps or is not.
  std::optional<LengthDoubt> length_doubt(Axis axis, const Shape& first,
                                          bool by_whole_steps = false) const {
    Graph graph = this->graph();
    graph.input = node_.inputs[0];
    std::vector<Shape> shapes(graph.values.size());
    shapes[graph.input] = first;
    return rule().length_doubt({graph, graph.nodes[0]}, axis, {shapes, by_whole_steps});
  }
  EdgeRows edge_rows(Axis axis) const { return rule().edge_rows(view(), axis); }
  // The graph of this node alone.
  Graph graph() const {
    Graph graph = graph_;
    graph.nodes = {node_};
    return graph;
  }

 private:
  ValueId add(Shape shape) {
    Value value;
    value.shape = std::move(shape);
    graph_.values.push_back(std::move(value));
    return static_cast<ValueId>(graph_.values.size() - 1);
  }
  std::vector<Shape> input_shapes() const {
    std::vector<Shape> shapes;
    for (const ValueId id : node_.inputs) {
      shapes.push_back(id == kNoValue ? Shape{} : graph_.shape(id));
    }
    return shapes;
  }
  NodeView view() const { return {graph_, node_}; }
  const OperatorRule& rule() const {
    const OperatorRule* rule = find_rule(node_.op);
    EXPECT_NE(rule, nullptr) << node_.op;
    return *rule;
  }

  Graph graph_;
  Node node_;
};

inline void expect_refused(const Result<Shape>& shape, ErrorCode code, std::string_view reason) {
  ASSERT_FALSE(shape) << to_string(*shape);
  EXPECT_EQ(to_string(shape.error().code), std::string(to_string(code))) << shape.error().message;
  EXPECT_NE(shape.error().message.find(reason), std::string::npos) << shape.error().message;
}

inline void expect_shape(const Result<Shape>& shape, const Shape& expected) {
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->dims, expected.dims);
  EXPECT_EQ(shape->y, expected.y);
  EXPECT_EQ(shape->x, expected.x);
}

}  // namespace sectile::internal::test
