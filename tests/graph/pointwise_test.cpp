// Operators whose output row comes from the same row of their inputs.
#include <algorithm>
#include <array>
#include <string>

#include "tests/graph/hand_node.h"

namespace sectile::internal::test {
namespace {

void expect_same_rows(const HandNode& node, std::size_t index = 0) {
  for (const Axis axis : {Axis::y, Axis::x}) {
    EXPECT_EQ(node.reach(axis, {-2, 7}, index), (Range{-2, 7}));
    EXPECT_EQ(node.scale(axis), (Ratio{1, 1}));
  }
}

TEST(Unary, KeepsShapeAndRows) {
  for (const std::string op :
       {"XNNAbs", "XNNCeiling", "XNNClamp", "XNNCopy", "XNNCos", "XNNELU", "XNNExp", "XNNFloor",
        "XNNGelu", "XNNHardswish", "XNNLeakyReLU", "XNNLog", "XNNNegate", "XNNReciprocalSquareRoot",
        "XNNSigmoid", "XNNSin", "XNNSquare", "XNNSquareRoot", "XNNTanh"}) {
    SCOPED_TRACE(op);
    HandNode node(op);
    node.input({{1, 3, 20, 30}, 2, 3}).settle();
    expect_shape(node.shape(), {{1, 3, 20, 30}, 2, 3});
    expect_same_rows(node);
    EXPECT_EQ(node.cost(), 3.0 * 20 * 30);
    EXPECT_EQ(node.memory().weight_bytes + node.memory().indirection_bytes, 0);
  }
}

// ---- two values

HandNode add(const Shape& a, const Shape& b) {
  HandNode node("XNNAdd");
  node.input(a).input(b);
  return node;
}
HandNode add_constant(const Shape& image, Dims constant) {
  HandNode node("XNNAdd");
  node.input(image).constant(std::move(constant));
  return node;
}

TEST(Binary, EveryOperatorKeepsShapeAndRows) {
  for (const std::string op :
       {"XNNAdd", "XNNSubtract", "XNNMultiply", "XNNDiv", "XNNMinimum", "XNNMaximum", "XNNPReLU"}) {
    SCOPED_TRACE(op);
    HandNode node(op);
    node.input(image_shape(20, 30, 3)).input(image_shape(20, 30, 3)).settle();
    expect_shape(node.shape(), image_shape(20, 30, 3));
    expect_same_rows(node, 0);
    expect_same_rows(node, 1);
  }
}

TEST(Binary, SpreadsOneChannelOverAll) {
  expect_shape(add(image_shape(20, 30, 3), image_shape(20, 30, 1)).shape(), image_shape(20, 30, 3));
  expect_shape(add(image_shape(20, 30, 1), image_shape(20, 30, 3)).shape(), image_shape(20, 30, 3));
}

TEST(Binary, TakesConstantsThatVaryOverChannels) {
  const Shape image = image_shape(20, 30, 3);
  for (const Dims& dims : {Dims{3}, Dims{1}, Dims{1, 1, 3}, Dims{1, 1, 1, 3}, Dims{}}) {
    expect_shape(add_constant(image, dims).shape(), image);
  }
  const Shape planar{{1, 3, 20, 30}, 2, 3};
  expect_shape(add_constant(planar, {3, 1, 1}).shape(), planar);
  HandNode first("XNNSubtract");
  first.constant({1, 1, 1, 3}).input(image);
  expect_shape(first.shape(), image);
}

TEST(Binary, RefusesConstantsThatVaryOverRowsOrColumns) {
  const Shape image = image_shape(20, 30, 3);
  expect_refused(add_constant(image, {1, 20, 1, 3}).shape(), ErrorCode::not_exact,
                 "varies over the image's rows or columns");
  expect_refused(add_constant(image, {30, 1}).shape(), ErrorCode::not_exact, "30x1");
  expect_refused(add_constant({{1, 3, 20, 30}, 2, 3}, {30}).shape(), ErrorCode::not_exact,
                 "varies");
  expect_refused(add_constant(image, {1, 1, 1, 1, 3}).shape(), ErrorCode::unsupported,
                 "more dims (1x1x1x1x3)");
}

TEST(Binary, RefusesImagesThatDoNotFitEachOther) {
  const Shape image = image_shape(20, 30, 3);
  expect_refused(add(image, image_shape(20, 29, 3)).shape(), ErrorCode::unsupported,
                 "30 and 29 columns as exported");
  expect_refused(add(image, image_shape(1, 30, 3)).shape(), ErrorCode::unsupported,
                 "20 and 1 rows as exported");
  expect_refused(add(image, image_shape(20, 30, 2)).shape(), ErrorCode::invalid_argument,
                 "inputs of 3 and 2");
  expect_refused(add(image, {{1, 3, 20, 30}, 2, 3}).shape(), ErrorCode::unsupported,
                 "lie differently");
}

// ---- concatenation

HandNode concat(std::int64_t axis, const std::vector<Shape>& shapes) {
  HandNode node("XNNConcatenate" + std::to_string(shapes.size()), Concat{axis});
  for (const Shape& shape : shapes) node.input(shape);
  return node;
}

TEST(Concatenation, AddsTheChannelsUp) {
  const Shape a = image_shape(20, 30, 2);
  const Shape b = image_shape(20, 30, 3);
  expect_shape(concat(3, {a, b}).shape(), image_shape(20, 30, 5));
  expect_shape(concat(3, {a, b, b}).shape(), image_shape(20, 30, 8));
  expect_shape(concat(3, {a, b, b, a}).shape(), image_shape(20, 30, 10));
  expect_shape(concat(3, {a, b, b, a, a}).shape(), image_shape(20, 30, 12));
  expect_shape(concat(1, {{{1, 2, 20, 30}, 2, 3}, {{1, 4, 20, 30}, 2, 3}}).shape(),
               {{1, 6, 20, 30}, 2, 3});
  for (const std::size_t index : {0U, 1U}) expect_same_rows(concat(3, {a, b}), index);
}

TEST(Concatenation, RefusesImagesThatDoNotFitEachOther) {
  const Shape image = image_shape(20, 30, 2);
  expect_refused(concat(3, {image, image_shape(19, 30, 2)}).shape(), ErrorCode::invalid_argument,
                 "20 and 19 rows or columns");
  expect_refused(concat(3, {image, {{1, 2, 20, 30}, 2, 3}}).shape(), ErrorCode::unsupported,
                 "lie differently");
}

TEST(Concatenation, RefusesToJoinAlongTheImage) {
  const Shape image = image_shape(20, 30, 2);
  for (const std::int64_t axis : {1, 2}) {
    expect_refused(concat(axis, {image, image}).shape(), ErrorCode::unsupported, "side by side");
  }
  for (const std::int64_t axis : {-1, 4}) {
    expect_refused(concat(axis, {image, image}).shape(), ErrorCode::corrupt, "it joins along dim");
  }
}

// ---- operators that mix the whole image

TEST(Global, ProductsOfTwoValuesAreNotExact) {
  HandNode attention("XNNScaledDotProductAttention");
  attention.input(image_shape(20, 30, 2)).input(image_shape(20, 30, 2));
  expect_refused(attention.shape(), ErrorCode::not_exact, "multiplies two computed values");
}

TEST(Global, SoftmaxIsExactOverChannelsAlone) {
  HandNode node("XNNSoftmax");
  node.input(image_shape(20, 30, 4));
  expect_shape(node.shape(), image_shape(20, 30, 4));
  expect_same_rows(node);
  expect_refused(node.shape({{1, 4, 20, 30}, 2, 3}), ErrorCode::not_exact, "normalises over");
  expect_refused(node.shape({{1, 4, 30, 20}, 3, 2}), ErrorCode::not_exact, "normalises over");
}

TEST(Rules, AreFoundByTheOperatorsName) {
  EXPECT_EQ(find_rule("XNNConv2d")->op, "XNNConv2d");
  EXPECT_EQ(find_rule("XNNArgMaxPooling2d"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
}

}  // namespace
}  // namespace sectile::internal::test
