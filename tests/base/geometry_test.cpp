#include "sectile/geometry.h"

#include <gtest/gtest.h>

namespace sectile::internal {
namespace {

TEST(Range, IsHalfOpen) {
  EXPECT_EQ((Range{3, 7}.size()), 4);
  EXPECT_EQ((Range{7, 3}.size()), 0);
  EXPECT_TRUE((Range{3, 3}.empty()));
  EXPECT_TRUE((Range{3, 7}.contains({3, 7})));
  EXPECT_FALSE((Range{3, 7}.contains({3, 8})));
  EXPECT_TRUE((Range{3, 7}.contains({100, 100})));
}

TEST(Range, MeetsAndJoins) {
  EXPECT_EQ((Range{0, 5}.intersect({3, 9})), (Range{3, 5}));
  EXPECT_TRUE((Range{0, 3}.intersect({3, 9})).empty());
  EXPECT_EQ((Range{0, 2}.unite({5, 9})), (Range{0, 9}));
  EXPECT_EQ((Range{4, 4}.unite({5, 9})), (Range{5, 9}));
  EXPECT_EQ((Range{5, 9}.unite({4, 4})), (Range{5, 9}));
  EXPECT_EQ((Range{5, 9}.shifted(-5)), (Range{0, 4}));
}

TEST(Rect, CombinesBothAxes) {
  const Rect rect{{1, 4}, {10, 15}};
  EXPECT_EQ(rect.size(), (Size{3, 5}));
  EXPECT_EQ(rect.area(), 15);
  EXPECT_TRUE(rect.contains({{1, 2}, {14, 15}}));
  EXPECT_FALSE(rect.contains({{1, 2}, {14, 16}}));
  EXPECT_TRUE((rect.intersect({{4, 9}, {10, 15}})).empty());
  EXPECT_EQ(rect.intersect(Rect::of({2, 12})), (Rect{{1, 2}, {10, 12}}));
}

TEST(Geometry, AreasHave64Bits) { EXPECT_EQ((Size{100'000, 100'000}.area()), 10'000'000'000); }

TEST(Geometry, PrintsItself) {
  EXPECT_EQ(to_string(Range{3, 17}), "[3, 17)");
  EXPECT_EQ(to_string(Size{768, 1024}), "1024x768");
  EXPECT_EQ(to_string(Rect{{0, 2}, {4, 8}}), "rows [0, 2) columns [4, 8)");
}

}  // namespace
}  // namespace sectile::internal
