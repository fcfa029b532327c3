#include "src/plan/overlap.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

namespace sectile::internal {
namespace {

TileAxis any_axis() {
  TileAxis axis;
  axis.scale = {*rc::gen::inRange<std::int64_t>(1, 4), 1};
  if (*rc::gen::arbitrary<bool>()) axis.scale = {1, *rc::gen::inRange<std::int64_t>(1, 5)};
  axis.tile = axis.scale.den * *rc::gen::inRange<std::int64_t>(2, 40);
  axis.overlap = *rc::gen::inRange<std::int64_t>(0, axis.tile / 2 + 1);
  axis.length = *rc::gen::inRange<std::int64_t>(1, 400);
  return axis;
}

RC_GTEST_PROP(Overlap, TilesCoverTheAxisAndOverlapByWhatWasAsked, ()) {
  const TileAxis axis = any_axis();
  const auto tiles = place_overlapping(axis);
  RC_ASSERT(std::ssize(tiles) == overlapping_count(axis));
  RC_ASSERT(tiles.front().input.begin == 0);
  RC_ASSERT(tiles.back().input.end == covered_length(axis));
  RC_ASSERT(covered_length(axis) >= axis.length);
  RC_ASSERT(covered_length(axis) < std::max(axis.tile + 1, axis.length + axis.scale.den));
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    RC_ASSERT(tiles[i].input.size() == axis.tile);
    RC_ASSERT(tiles[i].input.begin * axis.scale.num == tiles[i].output.begin * axis.scale.den);
    RC_ASSERT(tiles[i].input.end * axis.scale.num == tiles[i].output.end * axis.scale.den);
    if (i == 0) continue;
    RC_ASSERT(tiles[i - 1].input.begin < tiles[i].input.begin);
    RC_ASSERT(tiles[i - 1].input.end - tiles[i].input.begin >= axis.overlap);
  }
}

RC_GTEST_PROP(Overlap, SharesArePositiveAndAddUpToOne, ()) {
  const auto tiles = place_overlapping(any_axis());
  const Shares shares = blend_shares(tiles);
  const std::int64_t length = tiles.back().output.end;
  std::vector<double> sums(static_cast<std::size_t>(length), 0);
  std::vector<int> counts(sums.size(), 0);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    RC_ASSERT(std::ssize(shares[i]) == tiles[i].output.size());
    for (std::size_t at = 0; at < shares[i].size(); ++at) {
      RC_ASSERT(shares[i][at] > 0);
      const std::size_t row = static_cast<std::size_t>(tiles[i].output.begin) + at;
      sums[row] += shares[i][at];
      ++counts[row];
    }
  }
  for (std::size_t row = 0; row < sums.size(); ++row) {
    RC_ASSERT(std::abs(sums[row] - 1) < 1e-14);
    if (counts[row] == 1) RC_ASSERT(sums[row] == 1.0);
  }
}

TEST(Overlap, TheWindowIsARaisedCosine) {
  const auto tiles = place_overlapping({.length = 12, .tile = 8, .overlap = 4, .scale = {1, 1}});
  ASSERT_EQ(tiles.size(), 2U);
  const Shares shares = blend_shares(tiles);
  for (std::size_t row = 0; row < 4; ++row) {
    const double rising = 0.5 - 0.5 * std::cos(M_PI * (static_cast<double>(row) + 0.5) / 4);
    EXPECT_NEAR(shares[1][row], rising, 1e-15);
    EXPECT_NEAR(shares[0][4 + row], 1 - rising, 1e-15);
    EXPECT_EQ(shares[0][row], 1.0);
    EXPECT_EQ(shares[1][4 + row], 1.0);
  }
}

TEST(Overlap, TilesKeepThePhaseOfPoolings) {
  const auto stride = [](std::int64_t tile, std::int64_t overlap, Ratio scale) {
    return tile_stride({.length = 1000, .tile = tile, .overlap = overlap, .scale = scale});
  };
  EXPECT_EQ(stride(256, 64, {1, 1}), 192);
  EXPECT_EQ(stride(64, 10, {1, 1}), 48);  // a multiple of 8, not 54
  EXPECT_EQ(stride(97, 24, {1, 1}), 73);
  EXPECT_EQ(stride(40, 9, {1, 4}), 28);  // whole output rows
}

TEST(Overlap, AShortImageIsOneTile) {
  const auto tiles = place_overlapping({.length = 5, .tile = 8, .overlap = 2, .scale = {2, 1}});
  ASSERT_EQ(tiles.size(), 1U);
  EXPECT_EQ(tiles[0], (AxisTile{{0, 8}, {0, 16}}));
}

}  // namespace
}  // namespace sectile::internal
