#include <gtest/gtest.h>

#include "tests/graph/hand_node.h"

namespace sectile::internal::test {
namespace {

HandNode product(const Shape& a, const Shape& b) {
  HandNode node("XNNBatchMatrixMultiply");
  node.input(a).input(b);
  return node;
}

// Matrices of each window: [rows, columns, heads, 16, ...].
Shape windows(std::int64_t rows, std::int64_t columns, std::int64_t last) {
  return {{rows, columns, 3, 16, last}, 0, 1};
}

TEST(MatrixProduct, MultipliesTheMatricesOfEachWindow) {
  const HandNode node = product(windows(5, 7, 16), windows(5, 7, 4)).settle();
  expect_shape(node.shape(), windows(5, 7, 4));
  for (const Axis axis : {Axis::y, Axis::x}) {
    EXPECT_EQ(node.reach(axis, {2, 4}), (Range{2, 4}));
    EXPECT_EQ(node.scale(axis), (Ratio{1, 1}));
  }
  EXPECT_EQ(node.cost(), 5 * 7 * 3 * 16 * 4 * 16.0);
}

TEST(MatrixProduct, HoldsTheSecondMatricesInBlocksOf32Columns) {
  const HandNode node = product(windows(5, 7, 16), windows(5, 7, 4)).settle();
  EXPECT_EQ(node.memory().workspace_bytes, 5 * 7 * 3 * (16 + 1) * 32 * 4);
}

TEST(MatrixProduct, OverTheImageIsNotExact) {
  const auto expect_not_exact = [](const Shape& a, const Shape& b) {
    expect_refused(product(a, b).shape(), ErrorCode::not_exact, "values of different pixels");
  };
  expect_not_exact({{1, 20, 30, 4}, 1, 2}, {{1, 20, 4, 30}, 1, 3});
  expect_not_exact({{3, 20, 30, 4}, 1, 2}, {{3, 4, 20, 30}, 2, 3});
  expect_not_exact({{1, 4, 600}, -1, -1}, {{1, 600, 4}, -1, -1});
  expect_not_exact(windows(5, 7, 16), {{7, 5, 3, 16, 4}, 1, 0});
}

TEST(MatrixProduct, RefusesMatricesThatDoNotFit) {
  expect_refused(product(windows(5, 7, 12), windows(5, 7, 4)).shape(), ErrorCode::unsupported,
                 "multiplies matrices of shapes");
  expect_refused(product(windows(5, 7, 16), windows(1, 1, 4)).shape(), ErrorCode::unsupported,
                 "multiplies matrices of shapes");
  expect_refused(product(windows(5, 7, 16), {{5, 7, 3, 16, 4}, -1, -1}).shape(),
                 ErrorCode::unsupported, "a matrix of the network's own");
}

}  // namespace
}  // namespace sectile::internal::test
