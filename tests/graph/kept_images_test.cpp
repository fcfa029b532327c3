// Images that stages keep for each other.
#include "src/graph/passes/kept_images.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/graph/passes/stages.h"
#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

constexpr double kCheap = 1;  // work for each byte
constexpr double kDear = 1e9;
constexpr Windows kOne{{1, 1, 1, 0, 0, 0}, {1, 1, 1, 0, 0, 0}};
constexpr Windows kHalf{{3, 2, 1, 1, 1, 0}, {3, 2, 1, 1, 1, 0}};

ValueId squeeze_excite(GraphBuilder& builder, ValueId in) {
  const ValueId gate = builder.convolution(builder.mean(in), kOne, builder.channels(in));
  return builder.binary(in, builder.unary(gate, "XNNSigmoid"), "XNNMultiply");
}

std::vector<Stage> stages_of(GraphBuilder& builder, ValueId output, double work_per_byte) {
  EXPECT_EQ(builder.problem(), "");
  const Graph graph = *builder.finish(output)->method.graph;
  return cut_into_stages(statistics_apart(graph), work_per_byte);
}

std::ptrdiff_t convolutions(const Stage& stage) {
  return std::ranges::count(stage.graph.nodes, "XNNConv2d", &Node::op);
}

TEST(KeptImages, AreWhatTheNextStageBeginsWith) {
  GraphBuilder builder({.seed = 1, .channels = 3, .size = {20, 24}});
  const ValueId first = builder.convolution(builder.image(), {k3, k3}, 4);
  const ValueId second = builder.convolution(squeeze_excite(builder, first), {k3, k3}, 5);
  const auto stages = stages_of(builder, squeeze_excite(builder, second), kCheap);
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_TRUE(stages[0].inputs.empty());
  ASSERT_EQ(stages[0].kept.size(), 1U);
  EXPECT_EQ(stages[0].kept[0].channels, (Range{0, 4}));
  ASSERT_EQ(stages[1].inputs.size(), 1U);
  EXPECT_EQ(stages[1].inputs[0].image, stages[0].kept[0].image);
  EXPECT_EQ(stages[1].inputs[0].channels, 4);
  EXPECT_EQ(convolutions(stages[1]), 1);
  ASSERT_EQ(stages[2].inputs.size(), 1U);
  EXPECT_EQ(stages[2].inputs[0].image, stages[1].kept[0].image);
  EXPECT_EQ(convolutions(stages[2]), 0);
  EXPECT_TRUE(stages[2].kept.empty());
}

TEST(KeptImages, AreNoneWhereComputingAgainIsLessWork) {
  GraphBuilder builder({.seed = 2, .channels = 3, .size = {20, 24}});
  const ValueId image = builder.convolution(builder.image(), {k3, k3}, 4);
  for (const Stage& stage : stages_of(builder, squeeze_excite(builder, image), kDear)) {
    EXPECT_TRUE(stage.kept.empty());
    EXPECT_TRUE(stage.inputs.empty());
  }
}

TEST(KeptImages, OfOtherSizesAreReadAsBlocks) {
  GraphBuilder builder({.seed = 3, .channels = 3, .size = {20, 24}});
  const ValueId large = squeeze_excite(builder, builder.convolution(builder.image(), {k3, k3}, 2));
  const ValueId small = squeeze_excite(builder, builder.convolution(large, kHalf, 6));
  const ValueId up = builder.bilinear(small, {2, 1}, {2, 1});
  const auto stages = stages_of(builder, builder.concat(large, up), kCheap);
  ASSERT_EQ(stages.size(), 3U);
  const Stage& last = stages.back();
  ASSERT_EQ(last.inputs.size(), 2U);
  EXPECT_EQ(last.inputs[0].scale, (Size{2, 2}));
  EXPECT_EQ(last.inputs[0].channels, 2);
  EXPECT_EQ(last.inputs[1].scale, (Size{1, 1}));
  EXPECT_EQ(last.inputs[1].channels, 6);
  EXPECT_EQ(last.graph.image_size(), (Size{10, 12}));
  EXPECT_EQ(last.graph.input_shape().dims.back(), 2 * 4 + 6);
  EXPECT_EQ(last.graph.output_shape().length(Axis::y), 20);
}

// A branch is kept, and with it all that was to be made of its beginning.
TEST(KeptImages, AreAllRead) {
  GraphBuilder builder({.seed = 6, .channels = 3, .size = {20, 24}, .channels_last = true});
  const ValueId begin = builder.convolution(builder.image(), {k3, k3}, 8);
  const ValueId left = builder.convolution(begin, {k3, k3}, 2);
  const ValueId right = builder.convolution(begin, {k3, k3}, 2);
  const ValueId pooled = builder.spread(begin, builder.mean(begin));
  const auto stages =
      stages_of(builder, builder.concat(builder.concat(left, right), pooled), kCheap);
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[1].inputs.size(), 2U);
  ASSERT_EQ(stages[0].kept.size(), 2U);
  EXPECT_EQ(stages[0].kept[0].image, stages[1].inputs[0].image);
  EXPECT_EQ(stages[0].kept[1].image, stages[1].inputs[1].image);
}

TEST(KeptImages, DoNotFitWithoutWholeRows) {
  GraphBuilder builder({.seed = 4, .channels = 3, .size = {21, 24}});
  const ValueId large = builder.convolution(builder.image(), {k3, k3}, 2);
  const ValueId small = builder.convolution(large, kHalf, 6);
  Graph graph = *builder.finish(small)->method.graph;
  const Graph before = graph;
  EXPECT_FALSE(read_images(std::vector{large, small}, graph));
  EXPECT_EQ(graph, before);
}

TEST(KeptImages, TakeTheImageItselfAlong) {
  GraphBuilder builder({.seed = 5, .channels = 3, .size = {20, 24}});
  const ValueId noise = builder.convolution(
      squeeze_excite(builder, builder.convolution(builder.image(), {k3, k3}, 4)), {k3, k3}, 3);
  const auto stages =
      stages_of(builder, builder.binary(builder.image(), noise, "XNNSubtract"), kCheap);
  ASSERT_EQ(stages.size(), 2U);
  ASSERT_EQ(stages[1].inputs.size(), 2U);
  EXPECT_EQ(stages[1].inputs[0].channels, 3);
  EXPECT_EQ(stages[1].inputs[1].image, stages[0].kept[0].image);
  EXPECT_EQ(convolutions(stages[1]), 1);
}

}  // namespace
}  // namespace sectile::internal::test
