// Operators that move values: slices, paddings, transposes, reshapes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "src/base/integers.h"
#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

// ---- slice

HandNode slice(const Shape& in, Dims offsets, Dims exported) {
  HandNode node("XNNStaticSlice", Slice{std::move(offsets)});
  node.input(in).exported(std::move(exported));
  return node;
}

TEST(SliceRule, TakesChannelsAtAnySize) {
  const HandNode node = slice(image_shape(20, 30, 6), {0, 0, 0, 1}, {1, 20, 30, 3});
  expect_shape(node.shape(), image_shape(20, 30, 3));
  expect_shape(node.shape(image_shape(7, 9, 6)), image_shape(7, 9, 3));
  expect_refused(node.shape(image_shape(7, 9, 3)), ErrorCode::corrupt, "it takes 3 from 1 of 3");
  EXPECT_EQ(node.reach(Axis::y, {2, 5}), (Range{2, 5}));
}

TEST(SliceRule, DropsTheFirstRowsAndColumnsAtAnySize) {
  const HandNode node = slice(image_shape(20, 30, 6), {0, 2, 3, 0}, {1, 18, 27, 6});
  expect_shape(node.shape(), image_shape(18, 27, 6));
  expect_shape(node.shape(image_shape(10, 10, 6)), image_shape(8, 7, 6));
  EXPECT_EQ(node.reach(Axis::y, {2, 5}), (Range{4, 7}));
  EXPECT_EQ(node.reach(Axis::x, {2, 5}), (Range{5, 8}));
  EXPECT_EQ(node.scale(Axis::x), (Ratio{1, 1}));
  expect_refused(node.shape(image_shape(2, 10, 6)), ErrorCode::invalid_argument,
                 "it drops 2 rows or columns and is given 2");
}

TEST(SliceRule, DropsTheLastRowsAndColumnsAtAnySize) {
  const HandNode node = slice(image_shape(20, 30, 6), {0, 2, 0, 0}, {1, 17, 26, 6});
  expect_shape(node.shape(), image_shape(17, 26, 6));
  expect_shape(node.shape(image_shape(10, 10, 6)), image_shape(7, 6, 6));
  EXPECT_EQ(node.reach(Axis::y, {2, 5}), (Range{4, 7}));
  EXPECT_EQ(node.reach(Axis::x, {2, 5}), (Range{2, 5}));
  expect_refused(node.shape(image_shape(10, 4, 6)), ErrorCode::invalid_argument,
                 "it drops 4 rows or columns and is given 4");
}

TEST(SliceRule, RefusesAnEndFarInsideTheImage) {
  expect_refused(slice(image_shape(20, 30, 6), {0, 2, 0, 0}, {1, 12, 30, 6}).shape(),
                 ErrorCode::unsupported, "it takes rows or columns 2 to 14 of 20");
  expect_refused(slice(image_shape(20, 30, 6), {0, 0, 0, 0}, {1, 20, 25, 6}).shape(),
                 ErrorCode::unsupported, "0 to 25 of 30");
  expect_refused(slice(image_shape(8, 30, 6), {0, 2, 0, 0}, {1, 3, 30, 6}).shape(),
                 ErrorCode::unsupported, "2 to 5 of 8");
}

TEST(SliceRule, RefusesWhatContradictsItself) {
  const Shape image = image_shape(20, 30, 6);
  expect_refused(slice(image, {0, 0, 0}, {1, 20, 30, 6}).shape(), ErrorCode::corrupt,
                 "different dims");
  expect_refused(slice(image, {0, 0, 0, 4}, {1, 20, 30, 3}).shape(), ErrorCode::corrupt,
                 "it takes 3 from 4 of 6");
  expect_refused(slice(image, {0, 0, 0, -1}, {1, 20, 30, 3}).shape(), ErrorCode::corrupt,
                 "it takes 3 from -1 of 6");
}

// ---- pad

HandNode pad(const Shape& in, Dims before, Dims after) {
  HandNode node("XNNStaticConstantPad", Pad{std::move(before), std::move(after), 0});
  node.input(in);
  return node;
}

TEST(PadRule, AddsRowsColumnsAndChannels) {
  const HandNode node = pad(image_shape(20, 30, 2), {0, 1, 2, 0}, {0, 3, 0, 4});
  expect_shape(node.shape(), image_shape(24, 32, 6));
  expect_shape(node.shape(image_shape(1, 1, 2)), image_shape(5, 3, 6));
  EXPECT_EQ(node.reach(Axis::y, {2, 5}), (Range{1, 4}));
  EXPECT_EQ(node.reach(Axis::x, {2, 5}), (Range{0, 3}));
  EXPECT_EQ(node.scale(Axis::y), (Ratio{1, 1}));
}

TEST(PadRule, RefusesWhatContradictsItself) {
  const Shape image = image_shape(20, 30, 2);
  expect_refused(pad(image, {0, 1, 2}, {0, 1, 2, 0}).shape(), ErrorCode::corrupt, "different dims");
  expect_refused(pad(image, {0, 1 << 20, 2, 0}, {0, 1, 2, 0}).shape(), ErrorCode::corrupt,
                 "it pads by 1048576");
}

// ---- transpose

HandNode transpose(const Shape& in, Dims perm) {
  HandNode node("XNNStaticTranspose", Transpose{std::move(perm)});
  node.input(in);
  return node;
}

TEST(TransposeRule, CarriesTheImagesAxesAlong) {
  expect_shape(transpose(image_shape(20, 30, 2), {0, 3, 1, 2}).shape(), {{1, 2, 20, 30}, 2, 3});
  expect_shape(transpose({{1, 2, 20, 30}, 2, 3}, {0, 2, 3, 1}).shape(), image_shape(20, 30, 2));
  expect_shape(transpose({{1, 2, 20, 30}, 2, 3}, {0, 1, 3, 2}).shape(), {{1, 2, 30, 20}, 3, 2});
  EXPECT_EQ(transpose(image_shape(20, 30, 2), {0, 3, 1, 2}).reach(Axis::y, {1, 4}), (Range{1, 4}));
}

TEST(TransposeRule, RefusesWhatIsNoPermutation) {
  for (const Dims& perm : {Dims{0, 1, 2, 2}, Dims{0, 1, 2, 4}, Dims{0, 1, 2}, Dims{0, 1, 2, -1}}) {
    expect_refused(transpose(image_shape(20, 30, 2), perm).shape(), ErrorCode::corrupt,
                   "its permutation is none");
  }
}

// ---- reshape

HandNode reshape(const Shape& in, Dims exported) {
  HandNode node("XNNStaticReshape");
  node.input(in).exported(std::move(exported));
  return node;
}

TEST(ReshapeRule, CutsAndJoinsTheImagesAxes) {
  const HandNode cut = reshape({{1, 2, 24, 20}, 2, 3}, {1, 2, 12, 2, 10, 2});
  expect_shape(cut.shape(), {{1, 2, 12, 2, 10, 2}, 2, 4});
  expect_shape(cut.shape({{1, 2, 6, 30}, 2, 3}), {{1, 2, 3, 2, 15, 2}, 2, 4});
  const HandNode join = reshape({{1, 2, 24, 3, 20, 3}, 2, 4}, {1, 2, 72, 60});
  expect_shape(join.shape(), {{1, 2, 72, 60}, 2, 3});
  expect_shape(join.shape({{1, 2, 5, 3, 7, 3}, 2, 4}), {{1, 2, 15, 21}, 2, 3});
}

TEST(ReshapeRule, LeavesTheImagesAxesAloneWhenChannelsAreCut) {
  const HandNode node = reshape({{1, 8, 24, 20}, 2, 3}, {1, 2, 2, 2, 24, 20});
  expect_shape(node.shape({{1, 8, 5, 7}, 2, 3}), {{1, 2, 2, 2, 5, 7}, 4, 5});
}

TEST(ReshapeRule, RefusesASizeThatCannotBeCut) {
  const HandNode node = reshape({{1, 2, 24, 20}, 2, 3}, {1, 2, 12, 2, 10, 2});
  expect_refused(node.shape({{1, 2, 23, 20}, 2, 3}), ErrorCode::invalid_argument,
                 "23 rows or columns cannot be divided by 2");
}

TEST(ReshapeRule, RefusesToMixTheImagesAxes) {
  expect_refused(reshape({{1, 2, 24, 20}, 2, 3}, {1, 2, 480}).shape(), ErrorCode::not_exact,
                 "merges the image's rows and columns");
  expect_refused(reshape({{1, 2, 24, 20}, 2, 3}, {1, 48, 20}).shape(), ErrorCode::not_exact,
                 "merges other dims into the image's rows or columns");
  expect_refused(reshape({{1, 2, 24, 20}, 2, 3}, {1, 2, 24, 21}).shape(), ErrorCode::corrupt,
                 "different numbers of values");
}

// What a reshape does to the dims of one axis: `rows` groups of `in_inner` become groups of
// `out_inner`.
struct Cut {
  std::int64_t in_rows = 0;
  std::int64_t in_inner = 1;
  std::int64_t out_inner = 1;
};

rc::Gen<Cut> random_cut() {
  return rc::gen::exec([] {
    const std::int64_t in_inner = *number_in(1, 4);
    const std::int64_t out_inner = *number_in(1, 4);
    return Cut{out_inner * *number_in(2, 12), in_inner, out_inner};
  });
}

// Row o of the output holds the values of row i of the input: by their places in memory.
bool shares_a_value(const Cut& cut, std::int64_t o, std::int64_t i) {
  for (std::int64_t part = 0; part < cut.in_inner; ++part) {
    if (floor_div(i * cut.in_inner + part, cut.out_inner) == o) return true;
  }
  return false;
}

RC_GTEST_PROP(ReshapeProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const Cut y = *random_cut();
  const Cut x = *random_cut();
  const Range output = *random_range();
  const std::int64_t out_rows = y.in_rows * y.in_inner / y.out_inner;
  const std::int64_t out_columns = x.in_rows * x.in_inner / x.out_inner;
  const Shape in{{1, 3, y.in_rows, y.in_inner, x.in_rows, x.in_inner}, 2, 4};
  HandNode node = reshape(in, {1, 3, out_rows, y.out_inner, out_columns, x.out_inner});
  node.settle();
  for (const auto& [axis, cut] : {std::pair{Axis::y, y}, std::pair{Axis::x, x}}) {
    const auto uses = [&](std::int64_t o, std::int64_t i) { return shares_a_value(cut, o, i); };
    RC_ASSERT(node.reach(axis, output) == depends_on(uses, output, {-40, 100}));
    const Ratio scale = node.scale(axis);
    RC_ASSERT(scale.num * cut.out_inner == scale.den * cut.in_inner);
  }
}

}  // namespace
}  // namespace sectile::internal::test
