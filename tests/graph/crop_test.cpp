// What parts of nodes take and make: enough, alike everywhere, and as many rows as wanted.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

constexpr Window k1{1, 1, 1, 0, 0, 0};
constexpr std::int64_t kRows = 24;
constexpr std::int64_t kChannels = 4;

HandNode convolution(const std::string& op, const Window& window) {
  HandNode node(op, Convolution{{window, k1}, 1, kChannels, kChannels});
  node.input(image_shape(kRows, 6, kChannels));
  node.constant({kChannels, window.kernel, 1, kChannels}).absent().settle();
  return node;
}

HandNode resize(Ratio y) {
  HandNode node("XNNStaticResizeBilinear2D");
  node.input(image_shape(kRows, 6, kChannels));
  node.exported({1, kRows * y.num / y.den, 6, kChannels}).settle();
  return node;
}

// Two rows become one, of twice the channels (its first half).
HandNode unshuffle() {
  HandNode node("XNNStaticReshape");
  node.input({{1, kChannels, kRows, 6}, 2, 3});
  node.exported({1, kChannels, kRows / 2, 2, 6}).settle();
  return node;
}
HandNode shuffle() {
  HandNode node("XNNStaticReshape");
  node.input({{1, kChannels, kRows, 2, 6}, 2, 4});
  node.exported({1, kChannels, kRows * 2, 6}).settle();
  return node;
}

rc::Gen<HandNode> any_node() {
  return rc::gen::exec([] {
    Window window = *random_window();
    switch (*number_in(0, 4)) {
      case 0:
        return convolution("XNNConv2d", window);
      case 1:
        window.pad_before = std::min(window.pad_before, window.extent() - 1);
        window.pad_after = std::min(window.pad_after, window.extent() - 1);
        return convolution("XNNConvTranspose2d", window);
      case 2:
        return resize(*rc::gen::element(Ratio{1, 2}, Ratio{1, 4}, Ratio{2, 1}, Ratio{4, 1}));
      case 3:
        return unshuffle();
      default:
        return shuffle();
    }
  });
}

RC_GTEST_PROP(Crop, TakesAndMakesNoLessThanIsWanted, ()) {
  const HandNode node = *any_node();
  const Range wanted = *random_range();
  const Crop crop = node.crop(Axis::y, wanted);
  RC_ASSERT(crop.output.contains(wanted));
  RC_ASSERT(crop.input.contains(node.reach(Axis::y, wanted)));
}

RC_GTEST_PROP(Crop, DependsOnEachEndAlone, ()) {
  const HandNode node = *any_node();
  const Range wanted = *random_range();
  const Crop crop = node.crop(Axis::y, wanted);
  const Crop longer = node.crop(Axis::y, {wanted.begin, wanted.end + *number_in(0, 9)});
  const Crop earlier = node.crop(Axis::y, {wanted.begin - *number_in(0, 9), wanted.end});
  RC_ASSERT(longer.input.begin == crop.input.begin && longer.output.begin == crop.output.begin);
  RC_ASSERT(earlier.input.end == crop.input.end && earlier.output.end == crop.output.end);
  RC_ASSERT(longer.input.end >= crop.input.end && earlier.input.begin <= crop.input.begin);
}

RC_GTEST_PROP(Crop, IsTheSameFurtherDown, ()) {
  const HandNode node = *any_node();
  const Range wanted = *random_range();
  const Ratio scale = node.scale(Axis::y);
  const std::int64_t times = *number_in(-3, 3);
  const Crop crop = node.crop(Axis::y, wanted);
  const Crop below = node.crop(Axis::y, wanted.shifted(times * scale.num));
  RC_ASSERT(below.input == crop.input.shifted(times * scale.den));
  RC_ASSERT(below.output == crop.output.shifted(times * scale.num));
}

RC_GTEST_PROP(Crop, LeavesTheNodeWithTheRowsThatAreWanted, ()) {
  Window window = *random_window();
  const bool up = *rc::gen::arbitrary<bool>();
  if (up) {
    window.pad_before = std::min(window.pad_before, window.extent() - 1);
    window.pad_after = std::min(window.pad_after, window.extent() - 1);
  }
  HandNode node = convolution(up ? "XNNConvTranspose2d" : "XNNConv2d", window);
  const std::int64_t rows = node.shape()->length(Axis::y);
  const std::int64_t begin = *number_in(0, rows - 1);
  const Range wanted{begin, *number_in(begin + 1, rows)};
  const Crop crop = node.crop(Axis::y, wanted);
  RC_PRE(!crop.input.intersect({0, kRows}).empty());
  const auto shape = node.part_shape(Axis::y, crop);
  RC_ASSERT(shape.has_value());
  RC_ASSERT(shape->length(Axis::y) == wanted.size());
}

TEST(Crop, KeepsThePaddingOfTheImagesBorderAndNoOther) {
  const Window window{3, 1, 1, 1, 1, 0};
  HandNode node("XNNConv2d", Convolution{{window, window}, 1, kChannels, kChannels});
  node.input(image_shape(kRows, 6, kChannels)).constant({kChannels, 3, 3, kChannels}).absent();
  node.settle();
  EXPECT_EQ(node.crop(Axis::y, {0, 4}).input, (Range{-1, 5}));
  EXPECT_EQ(node.crop(Axis::y, {4, 8}).input, (Range{3, 9}));
  // Each of 4 rows more than its own padding leaves would be one too many.
  EXPECT_EQ(node.part_shape(Axis::y, node.crop(Axis::y, {0, 4}))->length(Axis::y), 4);
  EXPECT_EQ(node.part_shape(Axis::y, node.crop(Axis::y, {4, 8}))->length(Axis::y), 4);
  EXPECT_EQ(node.part_shape(Axis::y, node.crop(Axis::y, {kRows - 4, kRows}))->length(Axis::y), 4);
}

}  // namespace
}  // namespace sectile::internal::test
