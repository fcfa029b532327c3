#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"
#include "tests/support/random_layers.h"

namespace sectile::internal::test {
namespace {

constexpr Window k2s2{2, 2, 1, 0, 0, 0};
constexpr Window k3s2p1{3, 2, 1, 1, 1, 0};

class Pools : public testing::TestWithParam<const char*> {
 protected:
  HandNode pool(const Windows& windows) const {
    HandNode node(GetParam(), Pooling{windows});
    node.input(image_shape(20, 31, 5));
    return node;
  }
};
INSTANTIATE_TEST_SUITE_P(Pooling, Pools, testing::Values("XNNMaxPooling2d", "XNNAvgPooling2d"));

TEST_P(Pools, HaveTheShapeThatTheirWindowsMake) {
  expect_shape(pool({k2s2, k2s2}).shape(), image_shape(10, 15, 5));
  expect_shape(pool({k3s2p1, k2s2}).shape(image_shape(21, 2, 5)), image_shape(11, 1, 5));
}

TEST_P(Pools, RefuseAnImageThatTheirWindowDoesNotFitInto) {
  expect_refused(pool({k2s2, k2s2}).shape(image_shape(1, 8, 5)), ErrorCode::invalid_argument,
                 "a window of 2 rows or columns does not fit into 1");
}

TEST(AveragePool, RefusesThePaddingOfCeilMode) {
  const Window uneven{3, 2, 1, 1, 2, 0};
  for (const Windows& windows : {Windows{uneven, k2s2}, Windows{k2s2, uneven}}) {
    const HandNode node = std::move(
        HandNode("XNNAvgPooling2d", Pooling{windows, true}).input(image_shape(20, 31, 5)));
    expect_refused(node.shape(), ErrorCode::unsupported, "ceil_mode");
  }
}

// 20 rows: 3x3 windows every 2 rows with a row of padding leave one. 31 columns: 2x2 leave one.
HandNode max_pool_in_ceil_mode(std::int64_t pad_rows, std::int64_t pad_columns) {
  const Windows windows{{3, 2, 1, 1, pad_rows, 0}, {2, 2, 1, 0, pad_columns, 0}};
  return std::move(
      HandNode("XNNMaxPooling2d", Pooling{windows, true}).input(image_shape(20, 31, 5)));
}

TEST(MaxPool, TakesTheRestInCeilModeAtEverySize) {
  const HandNode node = max_pool_in_ceil_mode(2, 1);
  expect_shape(node.shape(), image_shape(11, 16, 5));
  expect_shape(node.shape(image_shape(21, 30, 5)), image_shape(11, 15, 5));
  expect_shape(node.shape(image_shape(22, 33, 5)), image_shape(12, 17, 5));
}

TEST(MaxPool, RefusesPaddingAtTheEndThatIsNotThatOfCeilMode) {
  expect_refused(max_pool_in_ceil_mode(1, 1).shape(), ErrorCode::unsupported, "ceil_mode");
  expect_refused(max_pool_in_ceil_mode(2, 0).shape(), ErrorCode::unsupported, "ceil_mode");
}

// As PyTorch counts: another window where rows are left and it begins before the padding.
RC_GTEST_PROP(PoolingProperty, CeilModeTakesTheRestOfTheImage, ()) {
  Window window = *random_window();
  window.pad_before = *rc::gen::inRange<std::int64_t>(0, (window.kernel + 1) / 2);
  window.pad_after = window.pad_before;
  const std::int64_t exported = *rc::gen::inRange<std::int64_t>(40, 90);
  const std::int64_t rows = *rc::gen::inRange<std::int64_t>(40, 90);
  const HandNode node =
      std::move(HandNode("XNNMaxPooling2d", Pooling{{up_to_the_end(window, exported), k2s2}, true})
                    .input(image_shape(exported, 30, 2)));
  const auto out = node.shape(image_shape(rows, 30, 2));
  RC_ASSERT(out.has_value());
  const std::int64_t room = rows + up_to_the_end(window, rows).padding() - window.extent();
  RC_ASSERT(out->length(Axis::y) == room / window.stride + 1);
}

TEST_P(Pools, RefuseWhatIsNoImageAndNoWindow) {
  expect_refused(pool({k2s2, k2s2}).shape({{1, 5, 20, 31}, 2, 3}), ErrorCode::unsupported,
                 "is not an image");
  expect_refused(pool({k2s2, {2, 0, 1, 0, 0, 0}}).shape(), ErrorCode::corrupt, "out of range");
}

TEST_P(Pools, ReachAsFarAsTheirWindowAndScaleByItsStride) {
  const HandNode node = pool({k3s2p1, k2s2});
  EXPECT_EQ(node.reach(Axis::y, {2, 4}), (Range{3, 8}));
  EXPECT_EQ(node.reach(Axis::x, {2, 4}), (Range{4, 8}));
  EXPECT_EQ(node.scale(Axis::y), (Ratio{1, 2}));
}

TEST_P(Pools, CostATapForEachElementOfTheWindow) {
  EXPECT_EQ(pool({k3s2p1, k2s2}).settle().cost(), 10.0 * 15 * 5 * 6);
}

TEST(MaxPool, HoldsAPointerForEachTapThatNeighboursDoNotShare) {
  const HandNode node = std::move(
      HandNode("XNNMaxPooling2d", Pooling{{k3s2p1, k2s2}}).input({{1, 20, 30, 5}, 1, 2}).settle());
  EXPECT_EQ(node.memory().indirection_bytes, 8 * 10 * 3 * 30);
}

TEST(AveragePool, HoldsADivisorForEachPixelBesidePadding) {
  const auto indirection_bytes = [](const Windows& windows) {
    return HandNode("XNNAvgPooling2d", Pooling{windows})
        .input({{1, 20, 30, 5}, 1, 2})
        .settle()
        .memory()
        .indirection_bytes;
  };
  EXPECT_EQ(indirection_bytes({k3s2p1, k2s2}), 4 * 10 * 15);
  EXPECT_EQ(indirection_bytes({k2s2, k2s2}), 0);
}

RC_GTEST_PROP(PoolingProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const Window window = *random_window();
  const Range output = *random_range();
  const auto uses = [&](std::int64_t o, std::int64_t i) {
    const std::int64_t offset = i - (o * window.stride - window.pad_before);
    return offset >= 0 && offset < window.extent() && offset % window.dilation == 0;
  };
  const HandNode node("XNNMaxPooling2d", Pooling{{window, k2s2}});
  RC_ASSERT(node.reach(Axis::y, output) == depends_on(uses, output, {-80, 120}));
}

}  // namespace
}  // namespace sectile::internal::test
