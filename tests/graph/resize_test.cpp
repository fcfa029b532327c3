#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "src/graph/operators/resize_doubts.h"
#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

constexpr std::uint32_t kAlignCorners = 0x8;

HandNode bilinear(std::int64_t in, std::int64_t out) {
  HandNode node("XNNStaticResizeBilinear2D");
  node.input(image_shape(in, in, 3)).exported({1, out, out, 3});
  return node;
}

TEST(BilinearRule, ResizesByTheExportedFactor) {
  expect_shape(bilinear(16, 32).shape(image_shape(7, 9, 3)), image_shape(14, 18, 3));
  expect_shape(bilinear(16, 4).shape(image_shape(8, 12, 3)), image_shape(2, 3, 3));
  EXPECT_EQ(bilinear(16, 32).settle().scale(Axis::y), (Ratio{2, 1}));
  EXPECT_EQ(bilinear(16, 4).settle().scale(Axis::x), (Ratio{1, 4}));
}

TEST(BilinearRule, RoundsDownAsPyTorchDoes) {
  expect_shape(bilinear(16, 4).shape(image_shape(8, 13, 3)), image_shape(2, 3, 3));
  expect_shape(bilinear(15, 25).shape(image_shape(7, 9, 3)), image_shape(11, 15, 3));
  expect_refused(bilinear(16, 4).shape(image_shape(8, 3, 3)), ErrorCode::invalid_argument,
                 "no columns of 3");
}

TEST(BilinearRule, ResizesByAnyFactorWithAlignedCornersOrWithout) {
  expect_shape(bilinear(15, 25).shape(image_shape(6, 9, 3)), image_shape(10, 15, 3));
  expect_shape(bilinear(16, 48).flags(kAlignCorners).shape(image_shape(6, 9, 3)),
               image_shape(18, 27, 3));
}

// What is open of `rows` rows; empty when nothing is.
std::string doubt(std::int64_t in, std::int64_t out, std::int64_t rows) {
  const auto doubt = bilinear(in, out).settle().length_doubt(Axis::y, image_shape(rows, in, 3));
  return doubt ? doubt->why : "";
}

TEST(BilinearRule, DoubtsPartsOfRows) {
  EXPECT_EQ(doubt(48, 24, 46), "");
  EXPECT_NE(doubt(48, 24, 45).find("by 1/2, which makes no whole number of rows of 45"),
            std::string::npos);
  EXPECT_EQ(doubt(48, 96, 45), "");
}

TEST(BilinearRule, DoubtsFactorsThatMayHaveBeenRounded) {
  EXPECT_EQ(doubt(45, 22, 45), "");
  EXPECT_NE(doubt(45, 22, 90).find("by 22/45 exactly, or by 1/2 and rounded"), std::string::npos);
  EXPECT_NE(doubt(45, 67, 90).find("by 67/45 exactly, or by 3/2 and rounded"), std::string::npos);
  EXPECT_EQ(doubt(50, 15, 90), "");
}

TEST(BilinearRule, SimplestFactorIsTheOneOfTheSmallestDenominator) {
  EXPECT_EQ(operators::simplest_factor(48, 72), (Ratio{3, 2}));
  EXPECT_EQ(operators::simplest_factor(45, 22), (Ratio{1, 2}));
  EXPECT_EQ(operators::simplest_factor(46, 15), (Ratio{1, 3}));
  EXPECT_EQ(operators::simplest_factor(50, 15), (Ratio{3, 10}));
  EXPECT_EQ(operators::simplest_factor(7, 7), (Ratio{1, 1}));
}

RC_GTEST_PROP(BilinearRuleProperty, SimplestFactorGivesTheRows, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 2000);
  const auto outputs = *rc::gen::inRange<std::int64_t>(1, 4000);
  const Ratio factor = operators::simplest_factor(rows, outputs);
  RC_ASSERT(rows * factor.num / factor.den == outputs);
  RC_ASSERT(factor.den <= operators::reduced(outputs, rows).den);
}

TEST(BilinearRule, RefusesRowsWhosePositionsAreTooInexact) {
  const std::int64_t rows = std::int64_t{1} << 20;
  expect_refused(bilinear(16, 48).shape(image_shape(rows, 9, 3)), ErrorCode::invalid_argument,
                 "too inexact to resize them by 3/1");
  EXPECT_TRUE(bilinear(16, 32).shape(image_shape(rows, 9, 3)));
}

TEST(BilinearRule, RefusesWhatContradictsItself) {
  HandNode node("XNNStaticResizeBilinear2D");
  node.input(image_shape(16, 16, 3)).exported({1, 32, 32, 4});
  expect_refused(node.shape(), ErrorCode::corrupt, "different channels");
  expect_refused(bilinear(16, 32).shape({{1, 3, 16, 16}, 2, 3}), ErrorCode::unsupported,
                 "is not an image");
}

// Row i has a part in row o when it is less than one row away from where o lies.
RC_GTEST_PROP(BilinearProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const std::int64_t up = *rc::gen::element<std::int64_t>(1, 2, 4, 8);
  const std::int64_t down = up == 1 ? *rc::gen::element<std::int64_t>(2, 4, 8) : 1;
  const Range output = *random_range();
  const double factor = static_cast<double>(up) / static_cast<double>(down);
  const auto uses = [&](std::int64_t o, std::int64_t i) {
    const double position = (static_cast<double>(o) + 0.5) / factor - 0.5;
    return std::abs(position - static_cast<double>(i)) < 1;
  };
  const HandNode node = bilinear(16 * down, 16 * up).settle();
  RC_ASSERT(node.reach(Axis::y, output) == depends_on(uses, output, {-80, 180}));
}

// Of an image of any length: the rows around where the kernel's own arithmetic puts the output. On
// a row itself, and before the first one, the next row has a weight of 0.
RC_GTEST_PROP(BilinearProperty, ReachHoldsTheRowsThatTheKernelTakes, ()) {
  const std::int64_t up = *rc::gen::inRange<std::int64_t>(1, 8);
  const std::int64_t down = *rc::gen::inRange<std::int64_t>(1, 8);
  const bool aligned = *rc::gen::arbitrary<bool>();
  const std::int64_t blocks = *rc::gen::inRange<std::int64_t>(1, 40000);
  const std::int64_t in = blocks * down;
  const std::int64_t out = blocks * up;
  const std::int64_t output = *rc::gen::inRange<std::int64_t>(0, out);
  const std::int64_t adjustment = aligned && out != 1 ? 1 : 0;
  const float scale = static_cast<float>(in - adjustment) / static_cast<float>(out - adjustment);
  const float offset = aligned ? 0 : 0.5F * scale - 0.5F;
  const float position =
      std::clamp(static_cast<float>(output) * scale + offset, 0.0F, static_cast<float>(in - 1));
  const auto above = static_cast<std::int64_t>(position);
  HandNode node = bilinear(8 * down, 8 * up);
  if (aligned) node.flags(kAlignCorners);
  const Range reach = node.settle().reach(Axis::y, {output, output + 1}).intersect({0, in});
  const std::int64_t rows = position > static_cast<float>(above) ? 2 : 1;
  RC_ASSERT(reach.contains({above, std::min(above + rows, in)}));
  RC_ASSERT(reach.size() <= 4 + down / up);
}

}  // namespace
}  // namespace sectile::internal::test
