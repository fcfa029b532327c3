#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

HandNode conv2d(const Windows& windows, std::int64_t groups = 1, std::int64_t in = 2,
                std::int64_t out = 3) {
  HandNode node("XNNConv2d", Convolution{windows, groups, in, out});
  node.input(image_shape(20, 30, groups * in))
      .constant({groups * out, windows.y.kernel, windows.x.kernel, in})
      .constant({groups * out});
  return node;
}

HandNode depthwise(const Windows& windows, std::int64_t channels, std::int64_t multiplier) {
  HandNode node("XNNDepthwiseConv2d", Convolution{windows, channels, 1, multiplier});
  node.input(image_shape(20, 30, channels))
      .constant({1, windows.y.kernel, windows.x.kernel, channels * multiplier})
      .absent();
  return node;
}

constexpr Window k3s1p1{3, 1, 1, 1, 1, 0};
constexpr Window k5s2p2{5, 2, 1, 2, 2, 0};
constexpr Window k3s1d2{3, 1, 2, 0, 0, 0};

TEST(Convolution, HasTheShapeThatItsWindowsMake) {
  expect_shape(conv2d({k3s1p1, k3s1p1}).shape(), image_shape(20, 30, 3));
  expect_shape(conv2d({k5s2p2, k3s1d2}).shape(), image_shape(10, 26, 3));
  expect_shape(conv2d({k5s2p2, k3s1d2}).shape(image_shape(21, 31, 2)), image_shape(11, 27, 3));
  expect_shape(conv2d({k3s1p1, k3s1p1}, 3).shape(), image_shape(20, 30, 9));
  expect_shape(depthwise({k3s1p1, k5s2p2}, 4, 2).shape(), image_shape(20, 15, 8));
}

TEST(Convolution, RefusesAnImageThatItsWindowDoesNotFitInto) {
  const HandNode node = conv2d({k3s1d2, k3s1d2});
  expect_shape(node.shape(image_shape(5, 5, 2)), image_shape(1, 1, 3));
  expect_refused(node.shape(image_shape(4, 5, 2)), ErrorCode::invalid_argument,
                 "a window of 5 rows or columns does not fit into 4 with 0 of padding");
  expect_refused(node.shape(image_shape(5, 4, 2)), ErrorCode::invalid_argument, "does not fit");
}

TEST(Convolution, RefusesAValueThatIsNoImage) {
  const HandNode node = conv2d({k3s1p1, k3s1p1});
  expect_refused(node.shape({{1, 2, 20, 30}, 2, 3}), ErrorCode::unsupported, "is not an image");
  expect_refused(node.shape({{20, 30, 2}, 0, 1}), ErrorCode::unsupported, "20x30x2");
}

TEST(Convolution, RefusesNumbersThatContradictEachOther) {
  expect_refused(conv2d({k3s1p1, k3s1p1}).shape(image_shape(20, 30, 4)), ErrorCode::corrupt,
                 "1 groups of 2 channels and is given 4 channels");
  for (const Window& broken :
       {Window{0, 1, 1, 0, 0, 0}, Window{3, 0, 1, 0, 0, 0}, Window{3, 1, 0, 0, 0, 0},
        Window{3, 1, 1, -1, 0, 0}, Window{3, 1, 1, 0, 1 << 20, 0}}) {
    expect_refused(conv2d({broken, k3s1p1}).shape(), ErrorCode::corrupt, "out of range");
    expect_refused(conv2d({k3s1p1, broken}).shape(), ErrorCode::corrupt, "out of range");
  }
  expect_refused(conv2d({k3s1p1, k3s1p1}, 0).shape(), ErrorCode::corrupt, "0 groups");
}

TEST(Convolution, RefusesWeightsOfAnotherShape) {
  const Convolution attributes{{k3s1p1, k3s1p1}, 1, 2, 3};
  const auto with = [&](Dims filter, Dims bias) {
    HandNode node("XNNConv2d", attributes);
    node.input(image_shape(20, 30, 2)).constant(std::move(filter)).constant(std::move(bias));
    return node.shape();
  };
  expect_shape(with({3, 3, 3, 2}, {3}), image_shape(20, 30, 3));
  expect_refused(with({3, 3, 2, 2}, {3}), ErrorCode::corrupt, "its filter has the shape 3x3x2x2");
  expect_refused(with({3, 3, 3, 2}, {4}), ErrorCode::corrupt, "its bias has the shape 4");
  HandNode computed("XNNConv2d", attributes);
  computed.input(image_shape(20, 30, 2)).input({{3, 3, 3, 2}, -1, -1}).absent();
  expect_refused(computed.shape(), ErrorCode::corrupt, "its filter");
}

TEST(Convolution, DepthwiseTakesOneChannelAGroup) {
  HandNode node("XNNDepthwiseConv2d", Convolution{{k3s1p1, k3s1p1}, 2, 2, 1});
  node.input(image_shape(20, 30, 4)).constant({1, 3, 3, 2}).absent();
  expect_refused(node.shape(), ErrorCode::corrupt, "2 groups of 2 channels");
}

TEST(Convolution, ReachesAsFarAsItsWindow) {
  const HandNode node = conv2d({k5s2p2, k3s1d2});
  EXPECT_EQ(node.reach(Axis::y, {0, 1}), (Range{-2, 3}));
  EXPECT_EQ(node.reach(Axis::y, {3, 5}), (Range{4, 11}));
  EXPECT_EQ(node.reach(Axis::x, {3, 5}), (Range{3, 9}));
}

TEST(Convolution, ScalesByItsStride) {
  EXPECT_EQ(conv2d({k5s2p2, k3s1d2}).scale(Axis::y), (Ratio{1, 2}));
  EXPECT_EQ(conv2d({k5s2p2, k3s1d2}).scale(Axis::x), (Ratio{1, 1}));
}

TEST(Convolution, CostsAMultiplicationForEachTap) {
  EXPECT_EQ(depthwise({k3s1p1, k5s2p2}, 4, 1).settle().cost(), 20.0 * 15 * 4 * 15);
}

// 16 output channels at once, and 4 input channels' time to turn to another pixel.
TEST(Convolution, CostsWhatItsKernelsComputeForNobodyToo) {
  EXPECT_EQ(conv2d({k3s1p1, k3s1p1}, 1, 32, 32).settle().cost(), 20.0 * 30 * 9 * 32 * 36);
  EXPECT_EQ(conv2d({k3s1p1, k3s1p1}, 1, 8, 8).settle().cost(), 20.0 * 30 * 9 * 16 * 12);
  EXPECT_EQ(conv2d({k3s1p1, k3s1p1}, 2).settle().cost(), 20.0 * 30 * 9 * 2 * 16 * 6);
  EXPECT_EQ(depthwise({k3s1p1, k5s2p2}, 4, 2).settle().cost(), 20.0 * 15 * 15 * 4 * 16 * 5);
}

// Output channels in blocks of 16.
TEST(Convolution, HoldsWeightsAndAPointerForEachTap) {
  const OperatorMemory memory = conv2d({k3s1p1, k3s1p1}).settle().memory();
  EXPECT_EQ(memory.weight_bytes, 16 * (9 * 2 + 1) * 4);
  EXPECT_EQ(memory.indirection_bytes, 8 * 20 * 30 * 9);
  EXPECT_TRUE(memory.can_be_transient);
}

TEST(Convolution, NeedsNoTableAsAMatrixProduct) {
  const OperatorMemory memory = conv2d({{}, {}}).settle().memory();
  EXPECT_EQ(memory.weight_bytes, 16 * (2 + 1) * 4);
  EXPECT_EQ(memory.indirection_bytes, 0);
  EXPECT_FALSE(memory.can_be_transient);
}

TEST(Convolution, SharesPointersOfNeighboursWhereItIsDepthwise) {
  EXPECT_EQ(depthwise({k3s1p1, k3s1p1}, 4, 1).settle().memory().indirection_bytes,
            8 * 20 * 3 * (30 + 2));
  EXPECT_EQ(depthwise({k3s1p1, k3s1p1}, 4, 2).settle().memory().indirection_bytes, 8 * 20 * 30 * 9);
}

// XNNPACK's depthwise kernels end at windows of 25 pixels.
TEST(Convolution, IsComputedLikeAnyOtherWhereItsDepthwiseWindowIsLarge) {
  constexpr Window k7s1p3{7, 1, 1, 3, 3, 0};
  const HandNode large = depthwise({k5s2p2, k5s2p2}, 4, 1).settle();
  EXPECT_EQ(large.memory().indirection_bytes, 8 * 10 * 5 * (5 + 14 * 2));
  EXPECT_EQ(large.memory().weight_bytes, 16 * (25 + 1) * 4);
  const HandNode larger = depthwise({k5s2p2, k7s1p3}, 4, 1).settle();
  EXPECT_EQ(larger.memory().indirection_bytes, 8 * 10 * 30 * 35);
  EXPECT_EQ(larger.memory().weight_bytes, 4 * 16 * (35 + 1) * 4);
  EXPECT_EQ(larger.cost(), 10.0 * 30 * 35 * 4 * 16 * 5);
}

RC_GTEST_PROP(ConvolutionProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const Window window = *random_window();
  const Range output = *random_range();
  const auto uses = [&](std::int64_t o, std::int64_t i) {
    const std::int64_t offset = i - (o * window.stride - window.pad_before);
    return offset >= 0 && offset < window.extent() && offset % window.dilation == 0;
  };
  const HandNode node = conv2d({window, k3s1p1});
  RC_ASSERT(node.reach(Axis::y, output) == depends_on(uses, output, {-80, 120}));
  RC_ASSERT(conv2d({k3s1p1, window}).reach(Axis::x, output) == node.reach(Axis::y, output));
}

RC_GTEST_PROP(ConvolutionProperty, LengthCountsTheWindowsThatFit, ()) {
  const Window window = *random_window();
  const std::int64_t length = *number_in(1, 59);
  std::int64_t fitting = 0;
  for (std::int64_t start = -window.pad_before;
       start + window.extent() <= length + window.pad_after; start += window.stride) {
    ++fitting;
  }
  const auto shape = conv2d({window, k3s1p1}).shape(image_shape(length, 9, 2));
  RC_ASSERT(shape.has_value() == (fitting > 0));
  if (shape) RC_ASSERT(shape->length(Axis::y) == fitting);
}

}  // namespace
}  // namespace sectile::internal::test
