#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

HandNode transposed(const Windows& windows, std::int64_t groups = 1) {
  HandNode node("XNNConvTranspose2d", Convolution{windows, groups, 2, 3});
  node.input(image_shape(10, 14, groups * 2))
      .constant({groups * 3, windows.y.kernel, windows.x.kernel, 2})
      .constant({groups * 3});
  return node;
}

constexpr Window k2s2{2, 2, 1, 0, 0, 0};
constexpr Window k4s2p1{4, 2, 1, 1, 1, 0};
constexpr Window k3s2p1a1{3, 2, 1, 1, 1, 1};
constexpr Window k1s1p2{1, 1, 1, 2, 2, 0};

TEST(TransposedConvolution, HasTheShapeThatItsWindowsMake) {
  expect_shape(transposed({k2s2, k4s2p1}).shape(), image_shape(20, 28, 3));
  expect_shape(transposed({k3s2p1a1, k2s2}).shape(image_shape(7, 5, 2)), image_shape(14, 10, 3));
  expect_shape(transposed({k2s2, k2s2}, 2).shape(), image_shape(20, 28, 6));
}

TEST(TransposedConvolution, RefusesAnImageThatItsPaddingEatsUp) {
  expect_shape(transposed({k1s1p2, k2s2}).shape(image_shape(5, 5, 2)), image_shape(1, 10, 3));
  expect_refused(transposed({k1s1p2, k2s2}).shape(image_shape(4, 5, 2)),
                 ErrorCode::invalid_argument, "4 rows or columns leave nothing after 4 of padding");
}

TEST(TransposedConvolution, RefusesWhatContradictsItself) {
  expect_refused(transposed({k2s2, k2s2}).shape(image_shape(10, 14, 3)), ErrorCode::corrupt,
                 "does not fit its input of 3 channels");
  HandNode node("XNNConvTranspose2d", Convolution{{k2s2, k2s2}, 1, 2, 3});
  node.input(image_shape(10, 14, 2)).constant({2, 2, 2, 3}).absent();
  expect_refused(node.shape(), ErrorCode::corrupt, "its filter of shape 2x2x2x3");
  expect_refused(transposed({k2s2, {2, 0, 1, 0, 0, 0}}).shape(), ErrorCode::corrupt,
                 "out of range");
  expect_refused(transposed({k2s2, k2s2}).shape({{1, 2, 10, 14}, 2, 3}), ErrorCode::unsupported,
                 "is not an image");
}

TEST(TransposedConvolution, ReachesTheRowsThatMeetItsWindow) {
  EXPECT_EQ(transposed({k2s2, k2s2}).reach(Axis::y, {4, 6}), (Range{2, 3}));
  EXPECT_EQ(transposed({k4s2p1, k2s2}).reach(Axis::y, {4, 6}), (Range{1, 4}));
  EXPECT_EQ(transposed({k2s2, k3s2p1a1}).reach(Axis::x, {4, 5}), (Range{2, 3}));
}

TEST(TransposedConvolution, ScalesByItsStride) {
  EXPECT_EQ(transposed({k4s2p1, k1s1p2}).scale(Axis::y), (Ratio{2, 1}));
  EXPECT_EQ(transposed({k4s2p1, k1s1p2}).scale(Axis::x), (Ratio{1, 1}));
}

TEST(TransposedConvolution, CostsWhatAConvolutionDoesOverItsInput) {
  EXPECT_EQ(transposed({k4s2p1, k2s2}).settle().cost(), 10.0 * 14 * 8 * 16 * 6);
}

TEST(TransposedConvolution, HoldsWeightsAndAPointerForEachTapAStride) {
  const OperatorMemory memory = transposed({k4s2p1, k2s2}).settle().memory();
  EXPECT_EQ(memory.weight_bytes, 16 * (8 * 2 + 1) * 4);
  EXPECT_EQ(memory.indirection_bytes, 8 * (20 / 2 * 4) * (28 / 2 * 2));
}

RC_GTEST_PROP(TransposedConvolutionProperty, ReachIsThatOfAllPairsOfRows, ()) {
  Window window = *random_window();
  const Range output = *random_range();
  const auto uses = [&](std::int64_t o, std::int64_t i) {
    const std::int64_t offset = o + window.pad_before - i * window.stride;
    return offset >= 0 && offset < window.extent() && offset % window.dilation == 0;
  };
  const HandNode node = transposed({window, k2s2});
  RC_ASSERT(node.reach(Axis::y, output) == depends_on(uses, output, {-80, 120}));
  RC_ASSERT(transposed({k2s2, window}).reach(Axis::x, output) == node.reach(Axis::y, output));
}

// A convolution with the same window makes the input's length again.
RC_GTEST_PROP(TransposedConvolutionProperty, LengthUndoesThatOfTheConvolution, ()) {
  Window window = *random_window();
  window.adjustment = *number_in(0, window.stride - 1);
  const std::int64_t length = *number_in(1, 40);
  const auto shape = transposed({window, k2s2}).shape(image_shape(length, 9, 2));
  if (!shape) {
    RC_ASSERT(window.padding() >= (length - 1) * window.stride + window.extent());
    return;
  }
  const std::int64_t padded = shape->length(Axis::y) + window.padding();
  RC_ASSERT((padded - window.extent()) / window.stride + 1 == length);
}

}  // namespace
}  // namespace sectile::internal::test
