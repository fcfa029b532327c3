#include "src/image/pixel_convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace sectile::internal {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

template <typename T>
std::vector<T> converted(const std::vector<float>& values, PixelType type) {
  std::vector<T> out(values.size());
  convert_pixels(values, type, std::as_writable_bytes(std::span(out)));
  return out;
}

const std::vector<float> edges{-0.6F, -0.5F,  -0.49F,   0.49F,     0.49999997F, 0.5F,
                               1.5F,  126.5F, 127.5F,   254.5F,    255.4F,      255.5F,
                               1e9F,  -1e9F,  infinity, -infinity, not_a_number};

TEST(PixelConvert, RoundsAndClampsBytes) {
  EXPECT_EQ(
      converted<std::uint8_t>(edges, PixelType::u8),
      (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 2, 127, 128, 255, 255, 255, 255, 0, 255, 0, 0}));
}

TEST(PixelConvert, RoundsAndClampsSignedBytes) {
  EXPECT_EQ(converted<std::int8_t>(edges, PixelType::i8),
            (std::vector<std::int8_t>{-1, -1, 0, 0, 0, 1, 2, 127, 127, 127, 127, 127, 127, -128,
                                      127, -128, 0}));
}

TEST(PixelConvert, RoundsAndClamps16Bits) {
  EXPECT_EQ(converted<std::uint16_t>(edges, PixelType::u16),
            (std::vector<std::uint16_t>{0, 0, 0, 0, 0, 1, 2, 127, 128, 255, 255, 256, 65535, 0,
                                        65535, 0, 0}));
  EXPECT_EQ(converted<std::int16_t>(edges, PixelType::i16),
            (std::vector<std::int16_t>{-1, -1, 0, 0, 0, 1, 2, 127, 128, 255, 255, 256, 32767,
                                       -32768, 32767, -32768, 0}));
}

TEST(PixelConvert, RoundsAndClamps32Bits) {
  EXPECT_EQ(converted<std::uint32_t>(edges, PixelType::u32),
            (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 1, 2, 127, 128, 255, 255, 256, 1000000000, 0,
                                        4294967295U, 0, 0}));
  EXPECT_EQ(converted<std::int32_t>(edges, PixelType::i32),
            (std::vector<std::int32_t>{-1, -1, 0, 0, 0, 1, 2, 127, 128, 255, 255, 256, 1000000000,
                                       -1000000000, 2147483647, -2147483647 - 1, 0}));
}

TEST(PixelConvert, ClampsWhereFloatsAreCoarserThanIntegers) {
  const std::vector<float> values{2147483648.0F, 4294967296.0F, 16777216.0F};
  EXPECT_EQ(converted<std::int32_t>(values, PixelType::i32),
            (std::vector<std::int32_t>{2147483647, 2147483647, 16777216}));
  EXPECT_EQ(converted<std::uint32_t>(values, PixelType::u32),
            (std::vector<std::uint32_t>{2147483648U, 4294967295U, 16777216U}));
}

// As the standard library rounds.
template <typename T>
void expect_rounded(PixelType type) {
  std::vector<float> values;
  for (std::int32_t quarter = -280'000; quarter <= 280'000; ++quarter) {
    const float value = static_cast<float>(quarter) / 4;
    values.push_back(std::nextafter(value, -infinity));
    values.push_back(value);
    values.push_back(std::nextafter(value, infinity));
  }
  const std::vector<T> pixels = converted<T>(values, type);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double rounded = std::round(static_cast<double>(values[i]));
    const double expected =
        std::clamp<double>(rounded, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    ASSERT_EQ(static_cast<double>(pixels[i]), expected) << values[i];
  }
}

TEST(PixelConvert, RoundsAllHalvesAndTheirNeighbours) {
  expect_rounded<std::uint8_t>(PixelType::u8);
  expect_rounded<std::int8_t>(PixelType::i8);
  expect_rounded<std::uint16_t>(PixelType::u16);
  expect_rounded<std::int16_t>(PixelType::i16);
  expect_rounded<std::uint32_t>(PixelType::u32);
  expect_rounded<std::int32_t>(PixelType::i32);
}

TEST(PixelConvert, KeepsEveryBitOfFloats) {
  const std::vector<float> out = converted<float>(edges, PixelType::f32);
  EXPECT_EQ(std::memcmp(out.data(), edges.data(), edges.size() * sizeof(float)), 0);
  const std::vector<double> wide = converted<double>(edges, PixelType::f64);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) EXPECT_EQ(wide[i], edges[i]);
  EXPECT_TRUE(std::isnan(wide.back()));
}

TEST(PixelConvert, ClampsToFewerBits) {
  const std::vector<float> values{-5000, -3, 7.5, 4095.4F, 4096, 70000, not_a_number};
  std::vector<std::uint16_t> pixels(values.size());
  convert_pixels(values, PixelType::u16, std::as_writable_bytes(std::span(pixels)), 12);
  EXPECT_EQ(pixels, (std::vector<std::uint16_t>{0, 0, 8, 4095, 4095, 4095, 0}));
  std::vector<std::int16_t> with_signs(values.size());
  convert_pixels(values, PixelType::i16, std::as_writable_bytes(std::span(with_signs)), 12);
  EXPECT_EQ(with_signs, (std::vector<std::int16_t>{-2048, -3, 8, 2047, 2047, 2047, 0}));
}

TEST(PixelConvert, KnowsWhatATypeHolds) {
  EXPECT_TRUE(can_hold(PixelType::u8, 255));
  EXPECT_FALSE(can_hold(PixelType::u8, 256));
  EXPECT_FALSE(can_hold(PixelType::u8, -9999));
  EXPECT_FALSE(can_hold(PixelType::i16, 0.5));
  EXPECT_FALSE(can_hold(PixelType::i16, not_a_number));
  EXPECT_TRUE(can_hold(PixelType::i8, -128));
  EXPECT_TRUE(can_hold(PixelType::f32, not_a_number));
}

TEST(PixelType, HasNamesSizesAndMaxima) {
  EXPECT_STREQ(to_string(PixelType::u8), "u8");
  EXPECT_STREQ(to_string(PixelType::i16), "i16");
  EXPECT_STREQ(to_string(PixelType::f64), "f64");
  EXPECT_EQ(maximum_of(PixelType::u8), 255);
  EXPECT_EQ(maximum_of(PixelType::i8), 127);
  EXPECT_EQ(maximum_of(PixelType::u16), 65535);
  EXPECT_EQ(maximum_of(PixelType::i16), 32767);
  EXPECT_EQ(maximum_of(PixelType::u32), 4294967295.0);
  EXPECT_EQ(maximum_of(PixelType::i32), 2147483647);
  EXPECT_EQ(maximum_of(PixelType::f32), 1);
  EXPECT_EQ(maximum_of(PixelType::f64), 1);
  EXPECT_EQ(maximum_of(PixelType::u8, 1), 1);
  EXPECT_EQ(maximum_of(PixelType::u16, 12), 4095);
  EXPECT_EQ(maximum_of(PixelType::i16, 12), 2047);
  EXPECT_EQ(maximum_of(PixelType::u32, 31), 2147483647);
  EXPECT_EQ(maximum_of(PixelType::u8, 12), 255);
  EXPECT_EQ(maximum_of(PixelType::f32, 16), 1);
  EXPECT_EQ(bytes_per_pixel(PixelType::i8), 1);
  EXPECT_EQ(bytes_per_pixel(PixelType::u16), 2);
  EXPECT_EQ(bytes_per_pixel(PixelType::f64), 8);
}

}  // namespace
}  // namespace sectile::internal
