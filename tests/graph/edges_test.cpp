// Padding that continues the image, nearest upsampling, and the operators they are lowered to.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "src/base/integers.h"
#include "src/graph/passes/lower.h"
#include "tests/graph/brute_force.h"
#include "tests/graph/hand_node.h"
#include "tests/graph/random_window.h"

namespace sectile::internal::test {
namespace {

using Rows = std::vector<std::int64_t>;

HandNode edge_pad(std::int64_t rows, std::int64_t before, std::int64_t after, PadMode mode) {
  HandNode node("EdgePad", Pad{{0, before, 0, 0}, {0, after, 0, 0}, 0, mode});
  node.input(image_shape(rows, 1, 1));
  return node;
}

HandNode sampling(std::int64_t rows, const SampledAxis& axis) {
  HandNode node("Sampling", Sampling{axis, {}});
  node.input(image_shape(rows, 1, 1));
  return node;
}

// Blocks of one to four rows from one to four, of rows in the block or up to `beyond` outside.
SampledAxis any_axis(std::int64_t beyond) {
  SampledAxis axis{*number_in(1, 5), {}};
  const std::int64_t count = *number_in(1, 5);
  for (std::int64_t i = 0; i < count; ++i) {
    axis.rows.push_back(*number_in(-beyond, axis.input_block + beyond));
  }
  return axis;
}

// The row that a row of the padded image is a copy of.
std::int64_t source_of(std::int64_t row, std::int64_t rows, PadMode mode) {
  const std::int64_t inside = std::clamp<std::int64_t>(row, 0, rows - 1);
  return mode == PadMode::repeat ? inside : 2 * inside - row;
}

rc::Gen<PadMode> any_mode() { return rc::gen::element(PadMode::reflect, PadMode::repeat); }

// What movement operators make of an image whose rows hold their own numbers.
Rows moved(const Graph& graph, Rows rows) {
  std::map<ValueId, Rows> values{{graph.nodes.front().inputs[0], std::move(rows)}};
  for (const Node& node : graph.nodes) {
    const Rows& in = values.at(node.inputs[0]);
    Rows out;
    if (const auto* slice = std::get_if<Slice>(&node.attributes)) {
      // Of rows, or of the rows of each block.
      const Dims& from = graph.shape(node.inputs[0]).dims;
      const Dims& to = graph.shape(node.output).dims;
      for (std::int64_t i = 0; i < to[1]; ++i) {
        const auto begin = in.begin() + (slice->offsets[1] + i) * from[2] + slice->offsets[2];
        out.insert(out.end(), begin, begin + to[2]);
      }
    } else if (const auto* concat = std::get_if<Concat>(&node.attributes)) {
      // Row by row, or one after the other.
      const std::int64_t times = concat->axis == 1 ? 1 : graph.shape(node.output).dims[1];
      for (std::int64_t i = 0; i < times; ++i) {
        for (const ValueId id : node.inputs) {
          const Rows& piece = values.at(id);
          const std::int64_t count = std::ssize(piece) / times;
          out.insert(out.end(), piece.begin() + i * count, piece.begin() + (i + 1) * count);
        }
      }
    } else {
      out = in;  // a reshape
    }
    EXPECT_EQ(std::ssize(out), graph.shape(node.output).elements());
    values[node.output] = std::move(out);
  }
  return values.at(graph.nodes.back().output);
}

Rows numbered(std::int64_t count) {
  Rows rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

RC_GTEST_PROP(EdgePad, LowersToTheRowsThatItCopies, ()) {
  const PadMode mode = *any_mode();
  const std::int64_t rows = *number_in(1, 12);
  const std::int64_t most = mode == PadMode::repeat ? 9 : rows - 1;
  const Range all{0, rows};
  const std::int64_t begin = *number_in(-most, rows + most - 1);
  const Range wanted{begin, *number_in(begin + 1, rows + most)};
  RC_PRE(wanted != all);
  HandNode node = edge_pad(rows, -wanted.begin, wanted.end - rows, mode);
  node.settle();
  Rows expected;
  for (std::int64_t row = wanted.begin; row < wanted.end; ++row) {
    expected.push_back(source_of(row, rows, mode));
  }
  RC_ASSERT(moved(lowered(node.graph()), numbered(rows)) == expected);
}

RC_GTEST_PROP(EdgePad, PartsHoldTheRowsThatPaddingIsCopiedFrom, ()) {
  const PadMode mode = *any_mode();
  const std::int64_t rows = *number_in(12, 30);
  const std::int64_t before = *number_in(0, 5);
  const std::int64_t after = *number_in(0, 5);
  HandNode node = edge_pad(rows, before, after, mode);
  node.settle();
  const std::int64_t begin = *number_in(0, rows + before + after - 1);
  const Range wanted{begin, *number_in(begin + 1, rows + before + after)};
  const Crop crop = node.crop(Axis::y, wanted);
  const Range there = crop.input.intersect({0, rows});
  for (std::int64_t row = wanted.begin; row < wanted.end; ++row) {
    const std::int64_t source = source_of(row - before, rows, mode);
    RC_ASSERT(there.begin <= source && source < there.end);
  }
  const auto shape = node.part_shape(Axis::y, crop);
  RC_ASSERT(shape.has_value());
  RC_ASSERT(shape->length(Axis::y) == wanted.size());
}

TEST(EdgePad, SaysHowManyRowsItsPaddingIsCopiedFrom) {
  const auto rows = [](std::int64_t before, std::int64_t after, PadMode mode) {
    HandNode node = edge_pad(20, before, after, mode);
    const EdgeRows edge = node.settle().edge_rows(Axis::y);
    return std::pair{edge.first, edge.last};
  };
  EXPECT_EQ(rows(3, 0, PadMode::reflect), (std::pair<std::int64_t, std::int64_t>{4, 0}));
  EXPECT_EQ(rows(0, 2, PadMode::reflect), (std::pair<std::int64_t, std::int64_t>{0, 3}));
  EXPECT_EQ(rows(5, 1, PadMode::repeat), (std::pair<std::int64_t, std::int64_t>{1, 1}));
}

TEST(EdgePad, RefusesImagesThatAreTooSmallToBeMirrored) {
  expect_refused(edge_pad(3, 3, 0, PadMode::reflect).shape(), ErrorCode::invalid_argument,
                 "3 rows or columns cannot be mirrored by 3");
  expect_shape(edge_pad(4, 3, 0, PadMode::reflect).shape(), image_shape(7, 1, 1));
  expect_shape(edge_pad(1, 3, 2, PadMode::repeat).shape(), image_shape(6, 1, 1));
}

RC_GTEST_PROP(SamplingProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const SampledAxis axis = any_axis(0);
  const Range output = *random_range();
  const auto uses = [&](std::int64_t o, std::int64_t i) { return axis.row_of(o) == i; };
  const auto expected = depends_on(uses, output, {-1000, 1000});
  RC_ASSERT(expected.has_value());
  const Range reach = sampling(100 * axis.input_block, axis).settle().reach(Axis::y, output);
  RC_ASSERT(reach.contains(*expected));
  // Begin and end are those of any range that begins or ends there.
  RC_ASSERT(expected->begin - reach.begin <= axis.input_block);
  RC_ASSERT(reach.end - expected->end <= axis.input_block);
}

RC_GTEST_PROP(NearestProperty, ReachIsThatOfAllPairsOfRows, ()) {
  const std::int64_t factor = *number_in(1, 9);
  const Range output = *random_range();
  const auto uses = [&](std::int64_t o, std::int64_t i) { return floor_div(o, factor) == i; };
  const auto expected = depends_on(uses, output, {output.begin - 40, output.end + 40});
  const SampledAxis axis{1, Rows(static_cast<std::size_t>(factor), 0)};
  RC_ASSERT(expected.has_value());
  RC_ASSERT(sampling(100, axis).settle().reach(Axis::y, output) == *expected);
}

RC_GTEST_PROP(SamplingProperty, LowersToTheRowsThatItNamesAndTheEdgesBeyond, ()) {
  const SampledAxis axis = any_axis(3);
  const std::int64_t blocks = *number_in(1, 9);
  const std::int64_t rows = blocks * axis.input_block;
  HandNode node = sampling(rows, axis);
  node.settle();
  Rows expected;
  for (std::int64_t row = 0; row < blocks * std::ssize(axis.rows); ++row) {
    expected.push_back(std::clamp<std::int64_t>(axis.row_of(row), 0, rows - 1));
  }
  RC_ASSERT(moved(lowered(node.graph()), numbered(rows)) == expected);
}

TEST(SamplingRule, RefusesBlocksThatAreNone) {
  expect_refused(sampling(4, {0, {0}}).shape(), ErrorCode::corrupt, "1 of 0 rows");
  expect_refused(sampling(4, {1, {}}).shape(), ErrorCode::corrupt, "0 of 1 rows");
  expect_refused(sampling(1, {2, {0}}).shape(), ErrorCode::invalid_argument, "no rows of 1");
  expect_shape(sampling(4, {1, {0, 0, 0}}).shape(), image_shape(12, 1, 1));
}

}  // namespace
}  // namespace sectile::internal::test
