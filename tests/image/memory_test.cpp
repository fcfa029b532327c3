#include <gtest/gtest.h>

#include <numeric>

#include "sectile/image.h"

namespace sectile::internal {
namespace {

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

const ImageInfo two_bands{
    .size = {3, 4}, .bands = 2, .pixel_type = PixelType::f32, .block = {}, .geo = {}};

TEST(MemorySource, GivesTheRectangleBandAfterBand) {
  const std::vector<float> pixels = counted(24);
  MemorySource source(two_bands, pixels);
  std::vector<float> out(8);
  ASSERT_TRUE(source.read({{1, 3}, {2, 4}}, out));
  EXPECT_EQ(out, (std::vector<float>{6, 7, 10, 11, 18, 19, 22, 23}));
}

TEST(MemorySource, GivesTheWholeImageAsItIs) {
  const std::vector<float> pixels = counted(24);
  MemorySource source(two_bands, pixels);
  std::vector<float> out(24);
  ASSERT_TRUE(source.read(Rect::of(two_bands.size), out));
  EXPECT_EQ(out, pixels);
}

TEST(MemorySink, PutsRowsInTheirPlace) {
  MemorySink sink(two_bands);
  ASSERT_TRUE(sink.write({0, 1}, std::vector<float>{0, 1, 2, 3, 12, 13, 14, 15}));
  EXPECT_EQ(sink.pixels()[13], 13);
  EXPECT_EQ(sink.pixels()[4], 0);
  ASSERT_TRUE(sink.write({1, 3}, std::vector<float>{4, 5, 6, 7, 8, 9, 10, 11,  //
                                                    16, 17, 18, 19, 20, 21, 22, 23}));
  const std::vector<float> written(sink.pixels().begin(), sink.pixels().end());
  EXPECT_EQ(written, counted(24));
}

TEST(MemorySink, KnowsWhenItIsFinished) {
  MemorySink sink(two_bands);
  EXPECT_FALSE(sink.finished());
  EXPECT_FALSE(sink.finish()) << "no row was written";
  const Size size = two_bands.size;
  const std::vector<float> pixels(static_cast<std::size_t>(size.area() * two_bands.bands));
  ASSERT_TRUE(sink.write({0, size.height}, pixels));
  EXPECT_FALSE(sink.finished());
  ASSERT_TRUE(sink.finish());
  EXPECT_TRUE(sink.finished());
}

TEST(MemorySink, WhatGoesInComesOut) {
  const std::vector<float> pixels = counted(24);
  MemorySource source(two_bands, pixels);
  MemorySink sink(source.info());
  for (std::int64_t y = 0; y < 3; ++y) {
    std::vector<float> row(8);
    ASSERT_TRUE(source.read({{y, y + 1}, {0, 4}}, row));
    ASSERT_TRUE(sink.write({y, y + 1}, row));
  }
  EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), sink.pixels().begin()));
}

}  // namespace
}  // namespace sectile::internal
