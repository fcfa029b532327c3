#include "src/graph/infer.h"

#include <gtest/gtest.h>

#include "tests/support/graph_builder.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

constexpr Window k3p1{3, 1, 1, 1, 1, 0};
constexpr Window k2s2{2, 2, 1, 0, 0, 0};

// Pool by 2 and back up, plus the input: accepts even sizes.
Graph even_sizes_only() {
  GraphBuilder builder({.seed = 1, .channels = 2, .size = {16, 12}});
  const ValueId wide = builder.convolution(builder.image(), {k3p1, k3p1}, 2);
  const ValueId small = builder.max_pool(wide, {k2s2, k2s2});
  const ValueId up = builder.transposed_convolution(small, {k2s2, k2s2}, 2);
  return *builder.finish(builder.binary(wide, up, "XNNAdd"))->method.graph;
}

TEST(Infer, GivesTheShapesOfAnotherSize) {
  const Graph graph = even_sizes_only();
  const auto shapes = infer_shapes(graph, {40, 26});
  ASSERT_TRUE(shapes) << shapes.error().message;
  EXPECT_EQ((*shapes)[graph.input].dims, (std::vector<std::int64_t>{1, 2, 40, 26}));
  EXPECT_EQ((*shapes)[graph.output].dims, (std::vector<std::int64_t>{1, 2, 40, 26}));
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    if (graph.values[id].constant) {
      EXPECT_EQ((*shapes)[id], graph.shape(id));
    }
  }
}

TEST(Infer, NamesTheNodeAndTheSizeItRefuses) {
  const auto shapes = infer_shapes(even_sizes_only(), {40, 27});
  ASSERT_FALSE(shapes);
  EXPECT_EQ(shapes.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(shapes.error().message,
            "node 4 (XNNAdd) at 27x40: its inputs have 27 and 26 rows or columns");
}

TEST(Infer, RefusesAnImageWithoutPixels) {
  for (const Size size : {Size{0, 12}, Size{16, 0}, Size{-2, 12}}) {
    const auto shapes = infer_shapes(even_sizes_only(), size);
    ASSERT_FALSE(shapes);
    EXPECT_EQ(shapes.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(shapes.error().message.find("has no pixels"), std::string::npos);
  }
}

TEST(Infer, FindsEveryFirstCause) {
  Graph graph = even_sizes_only();
  // Both hang on the convolution before them; what follows on them is no cause.
  graph.nodes[2].op = "XNNUnheardOf";
  Node other = graph.nodes[2];
  other.op = "XNNScaledDotProductAttention";
  other.output = static_cast<ValueId>(graph.values.size());
  graph.values.push_back(graph.values[graph.nodes[2].output]);
  graph.nodes.push_back(other);
  const auto inference = infer_all(graph, graph.image_size());
  ASSERT_EQ(inference.problems.size(), 2U);
  EXPECT_EQ(inference.problems[0].node, 2U);
  EXPECT_EQ(inference.problems[0].error.code, ErrorCode::unsupported);
  EXPECT_EQ(inference.problems[1].node, 6U);
  EXPECT_EQ(inference.problems[1].error.code, ErrorCode::not_exact);
  EXPECT_FALSE(inference.shapes[graph.output]);
}

TEST(Infer, RefusesOtherNumbersThanFloats) {
  Graph graph = even_sizes_only();
  graph.values[graph.nodes[2].output].type = DataType::u8;
  const auto inference = infer_all(graph, graph.image_size());
  ASSERT_FALSE(inference.problems.empty());
  EXPECT_EQ(inference.problems[0].node, 2U);
  EXPECT_EQ(inference.problems[0].error.code, ErrorCode::unsupported);
  EXPECT_NE(inference.problems[0].error.message.find("u8"), std::string::npos);
}

TEST(Infer, GivesTheExportedShapesOfEveryProgram) {
  for (const NetworkProgram& network : exact_programs()) {
    SCOPED_TRACE(network.name);
    for (const ProgramMethod& method : read_network(network).methods) {
      ASSERT_TRUE(method.graph);
      const auto shapes = infer_shapes(*method.graph, method.graph->image_size());
      ASSERT_TRUE(shapes) << shapes.error().message;
      for (ValueId id = 0; id < shapes->size(); ++id) {
        EXPECT_EQ((*shapes)[id], method.graph->shape(id));
      }
    }
  }
}

}  // namespace
}  // namespace sectile::internal::test
