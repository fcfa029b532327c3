// Tiles along one axis: what must hold for every geometry, each rule checked by counting.
#include "src/plan/axis.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/plan/random_axis.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kManyTiles = 4000;  // no axis here needs more

// How many tiles `shift` steps shorter than the image cover it, laid one after the other as far
// apart as their outputs meet; nothing when a tile gives no step more than the one before it.
std::optional<std::int64_t> count_tiles(const AxisGeometry& axis, std::int64_t shift) {
  std::int64_t count = 1;
  for (std::int64_t start = 0; start < shift; ++count) {
    const std::int64_t right_up_to = axis.keep - (shift - start);
    const std::int64_t next = std::min(shift, right_up_to - axis.lead);
    if (next <= start) return std::nullopt;
    start = next;
  }
  return count;
}

std::int64_t shift_of(const AxisGeometry& axis, std::int64_t length) {
  return (axis.length - length) / axis.grid;
}

std::int64_t random_tile(const AxisGeometry& axis) {
  return tile_length(axis, *rc::gen::oneOf(number_in(1, 12), number_in(1, kManyTiles)));
}

RC_GTEST_PROP(PlaceTiles, CoversTheOutputOnceInOrder, ()) {
  const AxisGeometry axis = *random_axis();
  const auto tiles = place_tiles(axis, random_tile(axis));
  RC_CLASSIFY(tiles.size() > 1, "more than one tile");
  std::int64_t covered = 0;
  for (const AxisTile& tile : tiles) {
    RC_ASSERT(tile.output.begin == covered);
    RC_ASSERT(!tile.output.empty());
    covered = tile.output.end;
  }
  RC_ASSERT(covered == axis.output_length);
}

RC_GTEST_PROP(PlaceTiles, KeepsOnlyWhatATileGetsRight, ()) {
  const AxisGeometry axis = *random_axis();
  for (const AxisTile& tile : place_tiles(axis, random_tile(axis))) {
    const std::int64_t steps_before = tile.input.begin / axis.grid;
    const std::int64_t steps_after = (axis.length - tile.input.end) / axis.grid;
    if (steps_before > 0) {
      RC_ASSERT(tile.output.begin >= (steps_before + axis.lead) * axis.output_grid);
    }
    if (steps_after > 0) {
      RC_ASSERT(tile.output.end <= (axis.keep - steps_after) * axis.output_grid);
    }
  }
}

RC_GTEST_PROP(PlaceTiles, LiesOnTheGridFlushAtBothEnds, ()) {
  const AxisGeometry axis = *random_axis();
  const std::int64_t length = random_tile(axis);
  const auto tiles = place_tiles(axis, length);
  RC_ASSERT(tiles.front().input.begin == 0);
  RC_ASSERT(tiles.back().input.end == axis.length);
  for (const AxisTile& tile : tiles) {
    RC_ASSERT(tile.input.size() == length);
    RC_ASSERT(tile.input.begin % axis.grid == 0);
    RC_ASSERT(tile.input.end <= axis.length);
  }
}

RC_GTEST_PROP(TileCount, IsTheFewestThatCover, ()) {
  const AxisGeometry axis = *random_axis();
  const std::int64_t length = random_tile(axis);
  const auto fewest = count_tiles(axis, shift_of(axis, length));
  RC_ASSERT(fewest.has_value());
  RC_ASSERT(tile_count(axis, length) == *fewest);
  RC_ASSERT(std::ssize(place_tiles(axis, length)) == *fewest);
}

RC_GTEST_PROP(LongestOutput, IsThatOfThePlacedTiles, ()) {
  const AxisGeometry axis = *random_axis();
  const std::int64_t length = random_tile(axis);
  std::int64_t longest = 0;
  for (const AxisTile& tile : place_tiles(axis, length)) {
    longest = std::max(longest, tile.output.size());
  }
  RC_ASSERT(longest_output(axis, length) == longest);
}

RC_GTEST_PROP(TileLength, IsTheSmallestForThatManyTiles, ()) {
  const AxisGeometry axis = *random_axis();
  const std::int64_t count = *rc::gen::oneOf(number_in(1, 12), number_in(1, kManyTiles));
  const std::int64_t length = tile_length(axis, count);
  RC_ASSERT(length >= 1);
  RC_ASSERT(tile_count(axis, length) <= count);
  const auto one_step_less = count_tiles(axis, shift_of(axis, length) + 1);
  RC_ASSERT(one_step_less.value_or(count + 1) > count);
}

RC_GTEST_PROP(TileLength, IsTheWholeForOneTile, ()) {
  const AxisGeometry axis = *random_axis();
  RC_ASSERT(tile_length(axis, 1) == axis.length);
}

RC_GTEST_PROP(SmallestTile, IsTheShortestThatCovers, ()) {
  const AxisGeometry axis = *random_axis();
  const std::int64_t smallest = smallest_tile(axis);
  RC_ASSERT(count_tiles(axis, shift_of(axis, smallest)).has_value());
  RC_ASSERT(!count_tiles(axis, shift_of(axis, smallest) + 1).has_value());
  RC_ASSERT(tile_length(axis, kManyTiles) == smallest);
}

RC_GTEST_PROP(FitTile, IsTheLongestFittedOneNotAboveTheRequest, ()) {
  const AxisGeometry axis = *random_axis(600);
  const std::int64_t most = *rc::gen::oneOf(number_in(1, axis.length + 10),
                                            number_in(smallest_tile(axis), axis.length + 10));
  std::int64_t longest = 0;
  for (std::int64_t count = 1; count <= 700; ++count) {
    const std::int64_t length = tile_length(axis, count);
    if (length <= most) longest = std::max(longest, length);
  }
  RC_ASSERT(fit_tile(axis, most) == longest);
}

Range random_output(const AxisGeometry& axis) {
  const std::int64_t begin = *number_in(0, axis.output_length - 1);
  return {begin, *number_in(begin + 1, axis.output_length)};
}

RC_GTEST_PROP(TileAround, LiesOnTheGridAndIsRightInTheWindow, ()) {
  const AxisGeometry axis = *random_axis();
  const Range output = random_output(axis);
  const Range tile = tile_around(axis, output);
  RC_CLASSIFY(tile.size() < axis.length, "less than the image");
  RC_ASSERT((Range{0, axis.length}.contains(tile) && !tile.empty()));
  RC_ASSERT(tile.begin % axis.grid == 0);
  RC_ASSERT((axis.length - tile.end) % axis.grid == 0);
  if (tile.begin > 0) {
    RC_ASSERT(output.begin >= (tile.begin / axis.grid + axis.lead) * axis.output_grid);
  }
  if (tile.end < axis.length) {
    const std::int64_t steps_after = (axis.length - tile.end) / axis.grid;
    RC_ASSERT(output.end <= (axis.keep - steps_after) * axis.output_grid);
  }
}

RC_GTEST_PROP(TileAround, IsTheShortest, ()) {
  const AxisGeometry axis = *random_axis();
  const Range output = random_output(axis);
  const Range tile = tile_around(axis, output);
  RC_ASSERT(tile.size() >= smallest_tile(axis));
  if (tile.size() == smallest_tile(axis)) return;
  const std::int64_t next_start = tile.begin / axis.grid + 1;
  const std::int64_t next_after = (axis.length - tile.end) / axis.grid + 1;
  RC_ASSERT(output.begin < (next_start + axis.lead) * axis.output_grid);
  RC_ASSERT(output.end > (axis.keep - next_after) * axis.output_grid);
}

// ---- by hand

TEST(Axis, CutsAsTheDesignSays) {
  // Four 3x3 convolutions: 4 rows are lost at each inner edge.
  const AxisGeometry axis{100, 1, 100, 1, 4, 96};
  EXPECT_EQ(smallest_tile(axis), 9);
  EXPECT_EQ(tile_length(axis, 2), 54);
  EXPECT_EQ(place_tiles(axis, 54),
            (std::vector<AxisTile>{{{0, 54}, {0, 50}}, {{46, 100}, {50, 100}}}));
  EXPECT_EQ(fit_tile(axis, 60), 54);
  EXPECT_EQ(fit_tile(axis, 8), 0);
  EXPECT_EQ(fit_tile(axis, 1000), 100);
}

TEST(Axis, FindsTheTileAroundAWindow) {
  const AxisGeometry axis{100, 1, 100, 1, 4, 96};
  EXPECT_EQ(tile_around(axis, {50, 60}), (Range{46, 64}));
  EXPECT_EQ(tile_around(axis, {0, 10}), (Range{0, 14}));
  EXPECT_EQ(tile_around(axis, {90, 100}), (Range{86, 100}));
  EXPECT_EQ(tile_around(axis, {0, 100}), (Range{0, 100}));
  EXPECT_EQ(tile_around(axis, {0, 1}), (Range{0, 9}));  // the smallest tile
}

TEST(Axis, AnAxisShorterThanASmallestTileIsOneTile) {
  const AxisGeometry axis{7, 2, 7, 2, 3, 1};
  EXPECT_EQ(smallest_tile(axis), 7);
  EXPECT_EQ(tile_length(axis, 5), 7);
  EXPECT_EQ(place_tiles(axis, 7), (std::vector<AxisTile>{{{0, 7}, {0, 7}}}));
  EXPECT_EQ(fit_tile(axis, 6), 0);
}

}  // namespace
}  // namespace sectile::internal::test
