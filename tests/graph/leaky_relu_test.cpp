#include "src/graph/attributes.h"
#include "tests/graph/hand_node.h"

namespace sectile::internal::test {
namespace {

HandNode leaky_relu(Shape image) {
  HandNode node("XNNLeakyReLU", LeakyRelu{0.2F});
  node.input(std::move(image));
  return node;
}

TEST(LeakyRelu, KeepsTheShape) {
  const Shape planar{{1, 3, 20, 30}, 2, 3};
  expect_shape(leaky_relu(image_shape(20, 30, 3)).shape(), image_shape(20, 30, 3));
  expect_shape(leaky_relu(planar).shape(), planar);
}

TEST(LeakyRelu, ComputesARowFromTheSameRow) {
  const HandNode node = leaky_relu(image_shape(20, 30, 3)).settle();
  for (const Axis axis : {Axis::y, Axis::x}) {
    EXPECT_EQ(node.reach(axis, {4, 9}), (Range{4, 9}));
    EXPECT_EQ(node.scale(axis), (Ratio{1, 1}));
    EXPECT_EQ(node.crop(axis, {4, 9}), (Crop{{4, 9}, {4, 9}}));
  }
}

TEST(LeakyRelu, HoldsNoMemoryOfItsOwn) {
  const HandNode node = leaky_relu(image_shape(20, 30, 3)).settle();
  EXPECT_EQ(node.memory().weight_bytes + node.memory().indirection_bytes, 0);
  EXPECT_EQ(node.cost(), 3.0 * 20 * 30);
}

}  // namespace
}  // namespace sectile::internal::test
