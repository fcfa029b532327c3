#include "src/plan/stream_networks.h"

#include <gtest/gtest.h>

#include <vector>

namespace sectile::internal {
namespace {

TEST(LaneColumns, CoverTheColumnsWithInnerEdgesOnTheGrid) {
  EXPECT_EQ(lane_columns({0, 20}, 8, 2), (std::vector<Range>{{0, 8}, {8, 20}}));
  EXPECT_EQ(lane_columns({3, 45}, 8, 2), (std::vector<Range>{{3, 24}, {24, 45}}));
  EXPECT_EQ(lane_columns({3, 45}, 8, 1), (std::vector<Range>{{3, 45}}));
  EXPECT_EQ(lane_columns({17, 22}, 8, 4), (std::vector<Range>{{17, 22}}));
  EXPECT_EQ(lane_columns({15, 17}, 8, 4), (std::vector<Range>{{15, 16}, {16, 17}}));
}

}  // namespace
}  // namespace sectile::internal
