#include "src/graph/passes/split_tokens.h"

#include <gtest/gtest.h>

#include "src/graph/infer.h"
#include "src/graph/passes/data_movement.h"
#include "tests/graph/hand_node.h"

namespace sectile::internal::test {
namespace {

// An image of 8 x 12 pixels with 6 channels, planar, and nothing else yet.
Graph image_alone() {
  Graph graph;
  graph.values.push_back({.shape = {{1, 6, 8, 12}, 2, 3}});
  graph.input = 0;
  return graph;
}

ValueId add(Graph& graph, const std::string& op, std::vector<ValueId> inputs, Dims dims,
            Attributes attributes = {}) {
  graph.values.push_back({.shape = {std::move(dims)}});
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.output = static_cast<ValueId>(graph.values.size() - 1);
  node.attributes = std::move(attributes);
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().output;
}

ValueId add_constant(Graph& graph, Dims dims) {
  graph.values.push_back({.shape = {std::move(dims)}, .constant = Constant{}});
  return static_cast<ValueId>(graph.values.size() - 1);
}

// What the rules make of the graph: a value's shape, or the first problem.
Result<Shape> shape_of(const Graph& graph, ValueId id) {
  const Inference inference = infer_all(graph, graph.image_size());
  if (!inference.problems.empty()) return fail(inference.problems[0].error);
  return *inference.shapes[id];
}

// The pixels as a list: [1, 96, 6].
ValueId tokens(Graph& graph) {
  const ValueId list = add(graph, "XNNStaticReshape", {graph.input}, {1, 6, 96});
  return add(graph, "XNNStaticTranspose", {list}, {1, 96, 6}, Transpose{{0, 2, 1}});
}

TEST(SplitTokens, AListOfPixelsHasRowsAndColumnsAgain) {
  Graph graph = image_alone();
  const ValueId list = tokens(graph);
  const ValueId planar = add(graph, "XNNStaticTranspose", {list}, {1, 6, 96}, Transpose{{0, 2, 1}});
  graph.output = add(graph, "XNNStaticReshape", {planar}, {1, 6, 8, 12});
  const Graph split = split_tokens(graph);
  expect_shape(shape_of(split, list), {{1, 8, 12, 6}, 1, 2});
  expect_shape(shape_of(split, graph.output), {{1, 6, 8, 12}, 2, 3});
  EXPECT_EQ(split.nodes.size(), graph.nodes.size());
}

TEST(SplitTokens, WindowsStayApartThroughHeads) {
  Graph graph = image_alone();
  const ValueId rows = transpose(graph, graph.input, {0, 2, 3, 1});
  const ValueId parts = reshape(graph, rows, {1, 2, 4, 3, 4, 6});
  const ValueId windows = transpose(graph, parts, {0, 1, 3, 2, 4, 5});
  const ValueId list = add(graph, "XNNStaticReshape", {windows}, {6, 16, 6});
  const ValueId heads = add(graph, "XNNStaticReshape", {list}, {6, 16, 2, 3});
  const ValueId first =
      add(graph, "XNNStaticTranspose", {heads}, {6, 2, 16, 3}, Transpose{{0, 2, 1, 3}});
  graph.output = add(graph, "XNNStaticReshape", {first}, {12, 16, 3});
  const ValueId batch = graph.output;
  graph.output = add(graph, "XNNStaticReshape", {batch}, {6, 2, 16, 3});
  const Graph split = split_tokens(graph);
  // The output itself must have the dims of the program; of windows it is none of an image.
  EXPECT_EQ(split, graph);
  Graph longer = graph;
  longer.output = longer.input;
  const Graph apart = split_tokens(longer);
  expect_shape(shape_of(apart, list), {{2, 3, 16, 6}, 0, 1});
  expect_shape(shape_of(apart, batch), {{2, 3, 2, 16, 3}, 0, 1});
}

TEST(SplitTokens, NamesOfDimsFollow) {
  Graph graph = image_alone();
  graph.output = graph.input;
  const ValueId list = tokens(graph);
  const ValueId slice = add(graph, "XNNStaticSlice", {list}, {1, 96, 4}, Slice{{0, 0, 2}});
  const ValueId joined = add(graph, "XNNConcatenate2", {list, slice}, {1, 96, 10}, Concat{2});
  const ValueId padded =
      add(graph, "XNNStaticConstantPad", {joined}, {1, 96, 11}, Pad{{0, 0, 1}, {0, 0, 0}});
  const Graph split = split_tokens(graph);
  expect_shape(shape_of(split, slice), {{1, 8, 12, 4}, 1, 2});
  expect_shape(shape_of(split, padded), {{1, 8, 12, 11}, 1, 2});
}

TEST(SplitTokens, OperatorsOverTheWholeListGetItMergedAndAreRefused) {
  const auto expect_merged = [](const std::string& op, Dims dims, Attributes attributes = {}) {
    Graph graph = image_alone();
    graph.output = graph.input;
    const ValueId planar = add(graph, "XNNStaticReshape", {graph.input}, {1, 6, 96});
    const ValueId made = add(graph, op, {planar}, std::move(dims), std::move(attributes));
    const auto shape = shape_of(split_tokens(graph), made);
    ASSERT_FALSE(shape) << op;
    EXPECT_EQ(shape.error().code, ErrorCode::not_exact);
    EXPECT_NE(shape.error().message.find("merges the image's rows and columns"), std::string::npos);
  };
  expect_merged("XNNSoftmax", {1, 6, 96});
  expect_merged("XNNStaticSlice", {1, 6, 90}, Slice{{0, 0, 6}});
  expect_merged("XNNStaticConstantPad", {1, 6, 97}, Pad{{0, 0, 1}, {0, 0, 0}});
}

TEST(SplitTokens, ConstantsMayVaryOverChannelsAlone) {
  const auto with_constant = [](Dims dims) {
    Graph graph = image_alone();
    graph.output = graph.input;
    const ValueId list = tokens(graph);
    const ValueId constant = add_constant(graph, std::move(dims));
    const ValueId sum = add(graph, "XNNAdd", {list, constant}, {1, 96, 6});
    return shape_of(split_tokens(graph), sum);
  };
  expect_shape(with_constant({6}), {{1, 8, 12, 6}, 1, 2});
  expect_shape(with_constant({1, 1, 6}), {{1, 8, 12, 6}, 1, 2});
  expect_refused(with_constant({1, 96, 6}), ErrorCode::not_exact, "varies over the image's rows");
  expect_refused(with_constant({96, 1}), ErrorCode::not_exact, "varies over the image's rows");
}

TEST(SplitTokens, AttentionOverTheListIsRefusedByItsName) {
  Graph graph = image_alone();
  graph.output = graph.input;
  const ValueId list = tokens(graph);
  const ValueId planar = add(graph, "XNNStaticTranspose", {list}, {1, 6, 96}, Transpose{{0, 2, 1}});
  const ValueId scores = add(graph, "XNNBatchMatrixMultiply", {list, planar}, {1, 96, 96});
  expect_refused(shape_of(split_tokens(graph), scores), ErrorCode::not_exact,
                 "values of different pixels");
  const ValueId gram = add(graph, "XNNBatchMatrixMultiply", {planar, list}, {1, 6, 6});
  graph.nodes.erase(graph.nodes.end() - 2);
  expect_refused(shape_of(split_tokens(graph), gram), ErrorCode::not_exact,
                 "values of different pixels");
}

TEST(SplitTokens, StackedImagesLieAlongADimOfTheirOwn) {
  Graph graph = image_alone();
  const ValueId above =
      add(graph, "XNNConcatenate2", {graph.input, graph.input}, {1, 6, 16, 12}, Concat{2});
  const ValueId three =
      add(graph, "XNNConcatenate2", {above, graph.input}, {1, 6, 24, 12}, Concat{2});
  const ValueId turned =
      add(graph, "XNNStaticTranspose", {three}, {1, 24, 12, 6}, Transpose{{0, 2, 3, 1}});
  graph.output = add(graph, "XNNStaticReshape", {turned}, {3, 8, 12, 6});
  const Graph split = split_tokens(graph);
  expect_shape(shape_of(split, three), {{1, 6, 3, 8, 12}, 3, 4});
  expect_shape(shape_of(split, turned), {{1, 3, 8, 12, 6}, 2, 3});
  expect_shape(shape_of(split, graph.output), {{3, 8, 12, 6}, 1, 2});
}

TEST(SplitTokens, ImagesSideBySideStayThatAndAreRefused) {
  Graph graph = image_alone();
  const ValueId beside =
      add(graph, "XNNConcatenate2", {graph.input, graph.input}, {1, 6, 8, 24}, Concat{3});
  graph.output = add(graph, "XNNSigmoid", {beside}, {1, 6, 8, 24});
  EXPECT_EQ(split_tokens(graph), graph);
  expect_refused(shape_of(graph, graph.output), ErrorCode::unsupported, "side by side");
}

// Each joins the one before to itself: 2^40 pieces.
TEST(SplitTokens, ChainsOfConcatenationsAreNotFollowedWithoutEnd) {
  Graph graph = image_alone();
  ValueId last = graph.input;
  for (std::int64_t rows = 16; rows <= std::int64_t{8} << 40; rows *= 2) {
    last = add(graph, "XNNConcatenate2", {last, last}, {1, 6, rows, 12}, Concat{2});
  }
  graph.output = add(graph, "XNNStaticReshape", {last}, {6, std::int64_t{8} << 40, 12});
  expect_refused(shape_of(split_tokens(graph), graph.output), ErrorCode::unsupported,
                 "side by side");
}

TEST(SplitTokens, AGraphWithoutListsStaysAsItIs) {
  Graph graph = image_alone();
  graph.output = add(graph, "XNNSigmoid", {graph.input}, {1, 6, 8, 12});
  EXPECT_EQ(split_tokens(graph), graph);
}

}  // namespace
}  // namespace sectile::internal::test
