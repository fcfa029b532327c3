#include "src/graph/passes/row_major.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/transform/resize.h"
#include "tests/support/graph_builder.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

std::size_t count(const Graph& graph, const std::string& op) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes, op, &Node::op));
}

// Calls check(graph, its form) for every method of every program that can be cut.
template <typename Check>
void for_each_form(Check check) {
  for (const NetworkProgram& network : local_programs()) {
    SCOPED_TRACE(network.name);
    const Program program = read_network(network);
    for (const ProgramMethod& method : program.methods) {
      const auto form = row_major_form(*method.graph);
      ASSERT_TRUE(form) << form.error().message;
      check(*method.graph, *form);
    }
  }
}

TEST(RowMajor, HasRowMajorEndsForEveryNetwork) {
  for_each_form([](const Graph& graph, const Graph& form) {
    EXPECT_TRUE(is_row_major_image(form.input_shape()));
    EXPECT_TRUE(is_row_major_image(form.output_shape()));
    EXPECT_EQ(form.image_size(), graph.image_size());
    EXPECT_LE(count(form, "XNNStaticTranspose"), count(graph, "XNNStaticTranspose") + 2);
  });
}

// The shapes that the rules derive for the form are those it has.
TEST(RowMajor, IsANetworkByTheOperatorsRules) {
  for_each_form([](const Graph&, const Graph& form) {
    const auto derived = resize(form, form.image_size());
    ASSERT_TRUE(derived) << derived.error().message;
    for (const Node& node : form.nodes) {
      EXPECT_EQ(derived->shape(node.output), form.shape(node.output)) << node.op;
    }
  });
}

TEST(RowMajor, HasNoTransposesAroundConvolutions) {
  GraphBuilder builder({1, 3, {16, 16}, false, false});
  const Window window{3, 1, 1, 1, 1, 0};
  const auto program = builder.finish(builder.convolution(builder.image(), {window, window}, 2));
  ASSERT_TRUE(program);
  EXPECT_EQ(count(program->graph(), "XNNStaticTranspose"), 2U);
  const auto form = row_major_form(program->graph());
  ASSERT_TRUE(form) << form.error().message;
  EXPECT_EQ(form->nodes.size(), 1U);
}

TEST(RowMajor, PadsRowsAndColumnsOfPlanarImagesWhereTheyLie) {
  const Program program = read_network(network_program("pad_value"));
  const Graph& graph = *program.methods[0].graph;
  const auto planar = std::ranges::find(graph.nodes, "XNNStaticConstantPad", &Node::op);
  ASSERT_NE(planar, graph.nodes.end());
  ASSERT_EQ(graph.shape(planar->output).y, 2);
  const auto form = row_major_form(graph);
  ASSERT_TRUE(form);
  const auto turned = std::ranges::find(form->nodes, "XNNStaticConstantPad", &Node::op);
  EXPECT_EQ(std::get<Pad>(turned->attributes).before[1],
            std::get<Pad>(planar->attributes).before[2]);
  EXPECT_EQ(std::get<Pad>(turned->attributes).after[2], std::get<Pad>(planar->attributes).after[3]);
}

TEST(RowMajor, RefusesANetworkThatComputesNothing) {
  GraphBuilder builder({1, 3, {16, 16}, false, false});
  const auto program = builder.finish(builder.image());
  ASSERT_TRUE(program);
  const auto form = row_major_form(program->graph());
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code, ErrorCode::unsupported);
  EXPECT_NE(form.error().message.find("gives back its input"), std::string::npos);
}

}  // namespace
}  // namespace sectile::internal::test
