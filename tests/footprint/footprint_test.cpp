// Footprints known by hand, and what is derived from them.
#include "src/footprint/footprint.h"

#include <gtest/gtest.h>

#include "src/footprint/axis_geometry.h"
#include "src/footprint/tileability.h"
#include "src/graph/infer.h"
#include "tests/support/graph_builder.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

constexpr Window k3p1{3, 1, 1, 1, 1, 0};
constexpr Window k2s2{2, 2, 1, 0, 0, 0};

struct Known {
  const char* network;
  Reach reach;
  Alignment align;
  Scale scale;
};

const Known kKnown[] = {
    {"conv3x3", {1, 1, 1, 1}, {1, 1}, {}},
    {"four_conv", {4, 4, 4, 4}, {1, 1}, {}},
    {"pointwise_only", {0, 0, 0, 0}, {1, 1}, {}},
    {"conv_s2", {1, 1, 0, 0}, {2, 2}, {{1, 2}, {1, 2}}},
    {"conv_oblong", {2, 3, 2, 3}, {1, 1}, {}},
    {"max_pool2", {3, 3, 3, 3}, {2, 2}, {{1, 2}, {1, 2}}},
    {"transposed_k2s2", {1, 1, 1, 1}, {1, 1}, {{2, 1}, {2, 1}}},
    {"pixel_shuffle3", {2, 2, 2, 2}, {1, 1}, {{3, 1}, {3, 1}}},
    {"pixel_unshuffle2", {2, 2, 2, 2}, {2, 2}, {{1, 2}, {1, 2}}},
    {"unet1", {5, 5, 5, 5}, {2, 2}, {}},
    {"unet2", {11, 11, 11, 11}, {4, 4}, {}},
    {"unet3", {23, 23, 23, 23}, {8, 8}, {}},
    // Two strided convolutions and two 4x4 transposed ones: more above than below.
    {"down_up_k4s2", {7, 7, 4, 4}, {4, 4}, {}},
};

TEST(Footprint, IsTheOneWorkedOutByHand) {
  for (const Known& known : kKnown) {
    SCOPED_TRACE(known.network);
    const Program program = read_network(network_program(known.network));
    ASSERT_EQ(program.methods.size(), 1U);
    const Footprint footprint = derive_footprint(*program.methods[0].graph);
    EXPECT_EQ(footprint.y.reach_before, known.reach.top);
    EXPECT_EQ(footprint.y.reach_after, known.reach.bottom);
    EXPECT_EQ(footprint.x.reach_before, known.reach.left);
    EXPECT_EQ(footprint.x.reach_after, known.reach.right);
    EXPECT_EQ(footprint.y.grid, known.align.y);
    EXPECT_EQ(footprint.x.grid, known.align.x);
    EXPECT_EQ(footprint.y.scale, known.scale.y);
    EXPECT_EQ(footprint.x.scale, known.scale.x);
  }
}

// ---- verdicts

Graph pooled(ValueId (*join)(GraphBuilder&, ValueId wide, ValueId small)) {
  GraphBuilder builder({.seed = 1, .channels = 2, .size = {16, 16}});
  const ValueId wide = builder.convolution(builder.image(), {k3p1, k3p1}, 2);
  const ValueId small = builder.max_pool(wide, {k2s2, k2s2});
  return *builder.finish(join(builder, wide, small))->method.graph;
}

ValueId up_again(GraphBuilder& builder, ValueId wide, ValueId small) {
  return builder.binary(wide, builder.transposed_convolution(small, {k2s2, k2s2}, 2), "XNNAdd");
}

TEST(Verdict, IsExactWithoutBlockers) {
  const Graph graph = pooled(up_again);
  EXPECT_TRUE(check_tileable(graph).blockers.empty());
  EXPECT_EQ(check_tileable(graph).verdict, Verdict::exact);
}

TEST(Verdict, NamesTheNodeThatCannotBeCut) {
  Graph graph = pooled(up_again);
  graph.nodes[2].op = "XNNScaledDotProductAttention";
  const auto blockers = check_tileable(graph).blockers;
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].node, "node 2 (XNNScaledDotProductAttention)");
  EXPECT_EQ(blockers[0].op, "XNNScaledDotProductAttention");
  EXPECT_EQ(blockers[0].why,
            "it multiplies two computed values, as attention over the whole image does");
  EXPECT_EQ(check_tileable(graph).verdict, Verdict::not_exact);
  graph.nodes[1].op = "XNNUnheardOf";
  EXPECT_EQ(check_tileable(graph).verdict, Verdict::unsupported);
}

TEST(Verdict, RefusesToJoinValuesOfDifferentScale) {
  // 14 dropped rows leave 2 of 16, and a pooling by 8 leaves 2 too: equal at this size alone.
  GraphBuilder builder({.seed = 1, .channels = 2, .size = {16, 16}});
  constexpr Window k8s8{8, 8, 1, 0, 0, 0};
  const ValueId small = builder.max_pool(builder.image(), {k8s8, k8s8});
  const ValueId cut = builder.drop_first(builder.image(), 14, 14);
  const auto program = builder.finish(builder.binary(small, cut, "XNNAdd"));
  ASSERT_TRUE(program) << program.error().message;
  ASSERT_EQ(builder.problem(), "");
  const auto blockers = check_tileable(program->graph()).blockers;
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].why, "its inputs have different scales against the image");
  EXPECT_EQ(blockers[0].reason, BlockerReason::different_scales);
  EXPECT_EQ(check_tileable(program->graph()).verdict, Verdict::not_exact);
}

// ---- sizes

TEST(ExtendedSize, IsTheImagesOwnWhereTheNetworkAcceptsIt) {
  const Graph graph = pooled(up_again);
  const Footprint footprint = derive_footprint(graph);
  EXPECT_EQ(*extended_size(graph, footprint, {22, 40}), (Size{22, 40}));
  EXPECT_EQ(*extended_size(graph, footprint, {21, 40}), (Size{22, 40}));
  EXPECT_EQ(*extended_size(graph, footprint, {21, 39}), (Size{22, 40}));
  EXPECT_EQ(*extended_size(graph, footprint, {1, 1}), (Size{2, 2}));
}

TEST(ExtendedSize, RefusesAnImageThatIsTooSmallEitherWay) {
  const Program program = read_network(network_program("conv_valid"));
  const Graph& graph = *program.methods[0].graph;
  const auto size = extended_size(graph, derive_footprint(graph), {6, 20});
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(size.error().message.find("does not accept 6 rows"), std::string::npos)
      << size.error().message;
}

// What keeps the larger size from running is what the image would have to change.
TEST(ExtendedSize, SaysWhyTheSizeThatItWouldBeExtendedToDoesNotRun) {
  GraphBuilder builder({.seed = 1, .channels = 2, .size = {16, 16}});
  constexpr Window k9{9, 1, 1, 0, 0, 0};
  const ValueId joined =
      up_again(builder, builder.image(), builder.max_pool(builder.image(), {k2s2, k2s2}));
  const auto program = builder.finish(builder.convolution(joined, {k9, k9}, 1));
  ASSERT_TRUE(program) << program.error().message;
  const Graph& graph = program->graph();
  const auto size = extended_size(graph, derive_footprint(graph), {5, 20});
  ASSERT_FALSE(size);
  EXPECT_NE(size.error().message.find("neither 5 rows nor 6: node 4 (XNNConv2d)"),
            std::string::npos)
      << size.error().message;
}

// ---- what tiles get right

TEST(AxisGeometry, CountsInStepsOfTheGrid) {
  const Graph graph = pooled(up_again);
  const Footprint footprint = derive_footprint(graph);
  const AxisGeometry axis =
      axis_geometry(graph, footprint.y, Axis::y, *infer_shapes(graph, {30, 16}));
  EXPECT_EQ(axis.length, 30);
  EXPECT_EQ(axis.grid, 2);
  EXPECT_EQ(axis.output_length, 30);
  EXPECT_EQ(axis.output_grid, 2);
  // The convolution loses one row at each end, which costs one step of two rows.
  EXPECT_EQ(axis.lead, 1);
  EXPECT_EQ(axis.keep, 14);
}

TEST(RequiredRanges, AreEmptyForValuesTheOutputDoesNotNeed) {
  Graph graph = pooled(up_again);
  Node unused = graph.nodes[2];
  unused.output = static_cast<ValueId>(graph.values.size());
  graph.values.push_back(graph.values[graph.nodes[2].output]);
  graph.nodes.push_back(unused);
  const auto ranges = required_ranges(graph, Axis::y, {4, 8});
  EXPECT_EQ(ranges[graph.output], (Range{4, 8}));
  EXPECT_EQ(ranges[graph.input], (Range{3, 9}));
  EXPECT_EQ(ranges[unused.output], Range{});
}

}  // namespace
}  // namespace sectile::internal::test
