#include "src/run/reference.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace sectile::internal {
namespace {

ImageInfo info_of(Size size, int bands, PixelType type) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  info.pixel_type = type;
  return info;
}

TEST(WholeInput, IsScaledExtendedAndInTheNetworksLayout) {
  const std::vector<float> pixels{0, 255, 51, 102, /* second band */ 255, 0, 0, 255};
  MemorySource source(info_of({2, 2}, 2, PixelType::u8), pixels);
  const auto planar = whole_input(source, {}, {}, {3, 3}, Layout::planar);
  ASSERT_TRUE(planar);
  const float s = 51.0F / 255.0F;
  const float t = 102.0F / 255.0F;
  const std::vector<float> expected{0, 1, 1, s, t, t, s, t, t, 1, 0, 0, 0, 1, 1, 0, 1, 1};
  EXPECT_EQ(std::vector<float>(planar->values().begin(), planar->values().end()), expected);
  const auto mixed = whole_input(source, {}, {}, {3, 3}, Layout::interleaved);
  ASSERT_TRUE(mixed);
  for (std::size_t pixel = 0; pixel < 9; ++pixel) {
    for (std::size_t band = 0; band < 2; ++band) {
      EXPECT_EQ(mixed->values()[pixel * 2 + band], expected[band * 9 + pixel]);
    }
  }
}

TEST(Compare, FindsNoDifferenceInEqualBits) {
  const std::vector<float> values{1, -0.0F, 3, std::nanf("1")};
  const TensorSpec spec{1, {2, 2}, Layout::planar};
  const Difference difference = compare(values, spec, values, Rect::of({2, 2}));
  EXPECT_EQ(difference.values, 4);
  EXPECT_EQ(difference.differing, 0);
  EXPECT_EQ(difference.max_abs_diff, 0);
}

TEST(Compare, CountsEveryBitThatDiffers) {
  const std::vector<float> whole{1, 2, 0.0F, 4};
  const std::vector<float> pixels{std::nextafterf(1, 2), 2, -0.0F, 7};
  const TensorSpec spec{1, {2, 2}, Layout::planar};
  const Difference difference = compare(whole, spec, pixels, Rect::of({2, 2}));
  EXPECT_EQ(difference.differing, 3);
  EXPECT_EQ(difference.max_abs_diff, 3);
}

TEST(Compare, CallsNotANumberInfinitelyFar) {
  const std::vector<float> whole{1, 2};
  const std::vector<float> pixels{1, std::nanf("")};
  const Difference difference =
      compare(whole, {1, {1, 2}, Layout::planar}, pixels, Rect::of({1, 2}));
  EXPECT_EQ(difference.differing, 1);
  EXPECT_EQ(difference.max_abs_diff, std::numeric_limits<double>::infinity());
}

TEST(Compare, LooksAtTheTopLeftPartInAnyLayout) {
  // Two bands of 2x3, of which 2x2 are the image; the last column would differ.
  const std::vector<float> interleaved{1, 10, 2, 20, -1, -1, 3, 30, 4, 40, -1, -1};
  const std::vector<float> pixels{1, 2, 3, 4, 10, 20, 30, 40};
  const TensorSpec spec{2, {2, 3}, Layout::interleaved};
  EXPECT_EQ(compare(interleaved, spec, pixels, Rect::of({2, 2})).differing, 0);
  std::vector<float> changed = pixels;
  changed[5] = 21;
  EXPECT_EQ(compare(interleaved, spec, changed, Rect::of({2, 2})).differing, 1);
}

}  // namespace
}  // namespace sectile::internal
