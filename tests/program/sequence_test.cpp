#include "src/program/sequence.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sectile::internal::test {
namespace {

using Dims = std::vector<std::int64_t>;

Node node_of(const char* op, Attributes attributes = {}) {
  Node node;
  node.op = op;
  node.attributes = std::move(attributes);
  return node;
}

Sequence rows(std::int64_t count) { return *to_floats(positions(count)); }

Sequence with_number(const char* op, const Sequence& sequence, float number) {
  const std::vector<Operand> operands{&sequence, number};
  return *evaluate(node_of(op), operands, sequence.dims);
}

// Where the output rows of a resize lie, as PyTorch computes it.
Sequence half_pixel(std::int64_t count, float scale) {
  const Sequence centres = with_number("XNNAdd", rows(count), 0.5F);
  return with_number("XNNSubtract", with_number("XNNMultiply", centres, scale), 0.5F);
}

Sequence floored(const Sequence& sequence) {
  const std::vector<Operand> operands{&sequence};
  return *evaluate(node_of("XNNFloor"), operands, sequence.dims);
}

TEST(Sequence, IsRowsOfBlocksWhereTheyComeAgain) {
  Sequence above = *to_integers(floored(half_pixel(96, 0.5F)));
  EXPECT_FALSE(sampled_axis(above, 48, 96)) << "row -1 stands for none";
  above.last = 47;
  const auto axis = sampled_axis(above, 48, 96);
  ASSERT_TRUE(axis);
  EXPECT_EQ(axis->input_block, 1);
  EXPECT_EQ(axis->rows, (Dims{-1, 0}));
  above.last = 46;
  EXPECT_FALSE(sampled_axis(above, 48, 96)) << "the last row of a smaller image";
  above.last = 47;
  EXPECT_FALSE(sampled_axis(above, 48, 48)) << "rows that drift away from the output's";
}

TEST(Sequence, IsNoneWhereFloatsAreRoundedOtherwiseFarAway) {
  const Sequence by_two = half_pixel(96, 0.5F);
  const Sequence above = floored(by_two);
  const std::vector<Operand> operands{&by_two, &above};
  const auto weights = evaluate(node_of("XNNSubtract"), operands, {96});
  ASSERT_TRUE(weights);
  EXPECT_EQ(repeated_numbers(*weights), (std::vector<float>{0.75F, 0.25F}));
  const Sequence by_three = half_pixel(144, 1.0F / 3);
  const Sequence above_three = floored(by_three);
  const std::vector<Operand> third{&by_three, &above_three};
  EXPECT_FALSE(repeated_numbers(*evaluate(node_of("XNNSubtract"), third, {144})));
  EXPECT_FALSE(repeated_numbers(by_two));
}

TEST(Sequence, FollowsOneAnotherAndIsTakenApartAgain) {
  const Sequence a = rows(6);
  const Sequence b = with_number("XNNAdd", a, 1);
  const std::vector<Operand> two{&a, &b};
  const auto both = evaluate(node_of("XNNConcatenate2", Concat{0}), two, {12});
  ASSERT_TRUE(both);
  const std::vector<Operand> joined{&*both};
  const auto stacked = evaluate(node_of("XNNStaticReshape"), joined, {2, 6});
  ASSERT_TRUE(stacked);
  EXPECT_FALSE(long_dim(*stacked));
  const std::vector<Operand> operand{&*stacked};
  const auto second = evaluate(node_of("XNNStaticSlice", Slice{{1, 0}}), operand, {1, 6});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->floats, b.floats);
  EXPECT_EQ(long_dim(*second), 1U);
  // Parts of it, and shapes that put its numbers elsewhere, are not followed.
  EXPECT_FALSE(evaluate(node_of("XNNStaticSlice", Slice{{0, 1}}), operand, {2, 5}));
  EXPECT_FALSE(evaluate(node_of("XNNStaticSlice", Slice{{2, 0}}), operand, {1, 6}));
  EXPECT_FALSE(evaluate(node_of("XNNStaticReshape"), operand, {6, 2}));
  EXPECT_FALSE(evaluate(node_of("XNNStaticReshape"), operand, {3, 4}));
  EXPECT_FALSE(evaluate(node_of("XNNConcatenate2", Concat{1}), operand, {2, 12}));
  // Damaged programs.
  EXPECT_FALSE(evaluate(node_of("XNNConcatenate2", Concat{7}), operand, {12}));
  EXPECT_FALSE(evaluate(node_of("XNNConcatenate2", Concat{-1}), operand, {12}));
  EXPECT_FALSE(evaluate(node_of("XNNStaticSlice", Slice{{0}}), operand, {1, 6}));
  const Dims huge{std::int64_t{1} << 40, std::int64_t{1} << 40};
  EXPECT_FALSE(evaluate(node_of("XNNStaticReshape"), operand, huge));
  EXPECT_FALSE(reshaped(*stacked, {6, 2}));
  EXPECT_FALSE(reshaped(*second, {2, 6}));
  EXPECT_EQ(reshaped(*second, {6, 1})->floats, second->floats);
}

TEST(Sequence, TakesNoOtherOperatorsAndNoOtherShapes) {
  const Sequence a = rows(6);
  const Sequence other = rows(7);
  const std::vector<Operand> one{&a};
  const std::vector<Operand> two{&a, &other};
  EXPECT_FALSE(evaluate(node_of("XNNSigmoid"), one, {6}));
  EXPECT_FALSE(evaluate(node_of("XNNAdd"), one, {6}));
  EXPECT_FALSE(evaluate(node_of("XNNAdd"), two, {6}));
  EXPECT_FALSE(evaluate(node_of("XNNAbs"), one, {7}));
  EXPECT_FALSE(evaluate(node_of("XNNStaticSlice"), one, {6}));
  const std::vector<Operand> number{1.0F};
  EXPECT_FALSE(evaluate(node_of("XNNAbs"), number, {1}));
}

TEST(Sequence, BecomesIntegersTowardsZeroWhereTheyFit) {
  const Sequence halves = with_number("XNNMultiply", rows(8), -0.5F);
  const auto integers = to_integers(halves);
  ASSERT_TRUE(integers);
  EXPECT_EQ(integers->integers[3], -1);
  EXPECT_FALSE(to_integers(with_number("XNNMultiply", rows(8), 1e9F)));
  EXPECT_FALSE(to_integers(with_number("XNNDiv", rows(8), 0)));  // 0 / 0
  Sequence bounded = positions(8);
  bounded.last = 7;
  EXPECT_FALSE(to_floats(bounded));
}

}  // namespace
}  // namespace sectile::internal::test
