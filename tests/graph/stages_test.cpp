// Networks that take statistics of the whole image, cut into stages.
#include "src/graph/passes/stages.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

constexpr Windows kOne{{1, 1, 1, 0, 0, 0}, {1, 1, 1, 0, 0, 0}};

ValueId squeeze_excite(GraphBuilder& builder, ValueId in) {
  const ValueId gate = builder.convolution(builder.mean(in), kOne, builder.channels(in));
  return builder.binary(in, builder.unary(gate, "XNNSigmoid"), "XNNMultiply");
}

Graph finish(GraphBuilder& builder, ValueId output) {
  EXPECT_EQ(builder.problem(), "");
  return *builder.finish(output)->method.graph;
}

std::vector<Stage> stages_of(const Graph& graph) {
  EXPECT_TRUE(takes_statistics(graph));
  return cut_into_stages(statistics_apart(graph));
}

bool has(const Graph& graph, std::string_view op) {
  return std::ranges::any_of(graph.nodes, [&](const Node& node) { return node.op == op; });
}

TEST(Stages, AreOneForEachStatisticThatDependsOnAnother) {
  GraphBuilder builder({.seed = 1, .channels = 3, .size = {20, 24}});
  const ValueId first = squeeze_excite(builder, builder.convolution(builder.image(), {k3, k3}, 4));
  const ValueId second = squeeze_excite(builder, builder.convolution(first, {k3, k3}, 5));
  const auto stages = stages_of(finish(builder, second));
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_TRUE(stages[0].known.empty());
  EXPECT_EQ(stages[1].known.size(), 1U);
  EXPECT_EQ(stages[2].known.size(), 2U);
  EXPECT_EQ(stages[0].sums[0].channels, (Range{0, 4}));
  EXPECT_EQ(stages[1].sums[0].channels, (Range{0, 5}));
  EXPECT_TRUE(stages[2].sums.empty());
  for (const Stage& stage : stages) {
    EXPECT_FALSE(has(stage.graph, "XNNGlobalAvgPooling2d"));
    EXPECT_FALSE(takes_statistics(stage.graph));
  }
  EXPECT_FALSE(has(stages[2].graph, "XNNSigmoid"));  // it runs between the stages
}

TEST(Stages, AreSharedByStatisticsOfImagesOfOneSize) {
  GraphBuilder builder({.seed = 2, .channels = 3, .size = {20, 24}});
  const ValueId a = builder.convolution(builder.image(), {k3, k3}, 2);
  const ValueId b = builder.relu(a);
  const ValueId joined =
      builder.binary(builder.binary(a, builder.mean(a), "XNNMultiply"),
                     builder.binary(b, builder.mean(b), "XNNMultiply"), "XNNAdd");
  const ValueId square = builder.unary(joined, "XNNSquare");
  const ValueId out = builder.binary(joined, builder.mean(square), "XNNMultiply");
  const auto stages = stages_of(finish(builder, out));
  ASSERT_EQ(stages.size(), 3U);
  ASSERT_EQ(stages[0].sums.size(), 2U);
  EXPECT_EQ(stages[0].sums[1].channels, (Range{2, 4}));
  // XNNPACK computes the squares as it adds them up.
  EXPECT_EQ(stages[1].sums[0].kind, Statistic::mean_of_squares);
  EXPECT_FALSE(has(stages[1].graph, "XNNSquare"));
}

TEST(Stages, LeaveOutStatisticsThatNothingReads) {
  GraphBuilder builder({.seed = 3, .channels = 3, .size = {20, 24}});
  const ValueId image = builder.convolution(builder.image(), {k3, k3}, 2);
  builder.mean(image);
  EXPECT_FALSE(takes_statistics(finish(builder, image)));
}

TEST(Stages, ComputeWhatLiesBetweenOnce) {
  GraphBuilder builder({.seed = 4, .channels = 3, .size = {20, 24}});
  const ValueId image = builder.convolution(builder.image(), {k3, k3}, 4);
  const Graph whole = finish(builder, squeeze_excite(builder, image));
  const auto stages = stages_of(whole);
  ASSERT_EQ(stages.size(), 2U);
  const std::vector<ValueId> made{stages[0].sums[0].statistic};
  const std::vector<ValueId> wanted{stages[1].known[0].statistic};
  const StatisticsGraph between = statistics_graph(statistics_apart(whole), made, wanted);
  EXPECT_EQ(between.inputs, made);
  EXPECT_EQ(between.outputs, wanted);
  EXPECT_TRUE(has(between.graph, "XNNConv2d"));
  EXPECT_TRUE(has(between.graph, "XNNSigmoid"));
  // What is there already is not computed again.
  EXPECT_TRUE(statistics_graph(statistics_apart(whole), wanted, wanted).outputs.empty());
}

}  // namespace
}  // namespace sectile::internal::test
