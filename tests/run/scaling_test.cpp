#include "src/run/scaling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace sectile::internal {
namespace {

ImageInfo image_of(PixelType type, int bands) {
  ImageInfo info;
  info.size = {4, 4};
  info.bands = bands;
  info.pixel_type = type;
  return info;
}

std::vector<BandScaling> scalings(const InputScaling& input, PixelType type = PixelType::u8,
                                  int bands = 1) {
  auto made = band_scalings(input, image_of(type, bands));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? *made : std::vector<BandScaling>(static_cast<std::size_t>(bands));
}

// Float division is the exact quotient, rounded once.
void expect_quotients(PixelType type, int maximum) {
  const BandScaling scaling = scalings({}, type)[0];
  for (int pixel = 0; pixel <= maximum; ++pixel) {
    const std::array pixels{static_cast<float>(pixel)};
    std::array values{-1.0F};
    apply_scaling(scaling, pixels, values);
    ASSERT_EQ(values[0], pixels[0] / static_cast<float>(maximum)) << pixel << " / " << maximum;
  }
}

TEST(Scaling, DividesBytesAsExactlyAsFloatCan) { expect_quotients(PixelType::u8, 255); }
TEST(Scaling, DividesShortsAsExactlyAsFloatCan) { expect_quotients(PixelType::u16, 65535); }

TEST(Scaling, LeavesFloatPixelsAlone) {
  const BandScaling scaling = scalings({}, PixelType::f32)[0];
  EXPECT_TRUE(scaling.identity());
  const std::array pixels{-0.0F, std::numeric_limits<float>::denorm_min(), 3e38F, -1e-30F,
                          std::numeric_limits<float>::infinity()};
  std::array<float, pixels.size()> values{};
  apply_scaling(scaling, pixels, values);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    EXPECT_EQ(values[i], pixels[i]);
    EXPECT_EQ(std::signbit(values[i]), std::signbit(pixels[i]));
  }
}

TEST(Scaling, TakesOneNumberForAllBandsOrOneForEach) {
  const auto one = scalings({.scale = {}, .mean = {0.5}, .std = {0.25}}, PixelType::f32, 3);
  for (const BandScaling& band : one) {
    EXPECT_EQ(band.mean, 0.5);
    EXPECT_EQ(band.std, 0.25);
  }
  const auto each = scalings({.scale = {}, .mean = {1, 2, 3}, .std = {}}, PixelType::f32, 3);
  EXPECT_EQ(each[2].mean, 3);
  EXPECT_EQ(each[2].std, 1);
}

TEST(Scaling, GivesAllBandsOfAChannelTheSame) {
  const InputParts parts{{2, {1, 1}}, {2, {2, 3}}, {1, {1, 1}}};
  const InputScaling input{.scale = {}, .mean = {1, 2, 3, 4, 5}, .std = {6}};
  const auto made = band_scalings(input, image_of(PixelType::f32, 15), parts);
  ASSERT_TRUE(made) << made.error().message;
  std::vector<double> means;
  for (const BandScaling& band : *made) means.push_back(band.mean);
  EXPECT_EQ(means, (std::vector<double>{1, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5}));
  EXPECT_EQ((*made)[14].std, 6);
  const InputScaling one_a_band{.scale = {}, .mean = std::vector<double>(15), .std = {}};
  EXPECT_FALSE(band_scalings(one_a_band, image_of(PixelType::f32, 15), parts));
}

TEST(Scaling, ScalesThenTakesTheMeanThenDivides) {
  const BandScaling scaling = scalings({.scale = 2.0, .mean = {10}, .std = {4}}, PixelType::u16)[0];
  const std::array pixels{1.0F, 5.0F, 65535.0F};
  std::array<float, 3> values{};
  apply_scaling(scaling, pixels, values);
  EXPECT_EQ(values[0], -2);
  EXPECT_EQ(values[1], 0);
  EXPECT_EQ(values[2], 32765);
}

TEST(Scaling, MayWorkInPlace) {
  std::array values{0.0F, 51.0F, 255.0F};
  apply_scaling(scalings({})[0], values, values);
  EXPECT_EQ(values[1], 51.0F / 255.0F);
  EXPECT_EQ(values[2], 1);
}

TEST(Scaling, RefusesNumbersThatDoNotFitTheBandsOrCannotBeUsed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const InputScaling bad[] = {
      {.scale = {}, .mean = {1, 2}, .std = {}},   {.scale = {}, .mean = {}, .std = {1, 1, 1, 1}},
      {.scale = {}, .mean = {}, .std = {0}},      {.scale = {}, .mean = {1, 1, nan}, .std = {}},
      {.scale = nan, .mean = {}, .std = {}},      {.scale = {}, .mean = {}, .std = {infinity}},
      {.scale = {}, .mean = {}, .std = {1, 0, 1}}};
  for (const InputScaling& input : bad) {
    const auto made = band_scalings(input, image_of(PixelType::u8, 3));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument) << made.error().message;
  }
}

TEST(Scaling, DividesByTheLargestValueOfFewerBits) {
  ImageInfo image = image_of(PixelType::u16, 1);
  image.bits = 12;
  const auto made = band_scalings({}, image);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)[0].scale, 1.0 / 4095);
}

// As a network that changes nothing does.
void expect_input_back(const InputScaling& input, const ImageInfo& image, int least, int most) {
  const auto into = band_scalings(input, image);
  const auto out_of = output_factors(to_input_units(input, image), image);
  ASSERT_TRUE(into && out_of);
  for (std::size_t band = 0; band < into->size(); ++band) {
    std::vector<float> pixels;
    for (int pixel = least; pixel <= most; ++pixel) pixels.push_back(static_cast<float>(pixel));
    std::vector<float> values = pixels;
    apply_scaling((*into)[band], pixels, values);
    apply_factors((*out_of)[band], values);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      ASSERT_EQ(std::round(values[i]), pixels[i]) << band;
    }
  }
}

TEST(Scaling, InputUnitsGiveTheInputBack) {
  const std::vector<InputScaling> inputs{
      {}, {.scale = 0.0001}, {.scale = 0.0001, .mean = {0.2, -3, 1}, .std = {0.5, 0.01, 7}}};
  for (const InputScaling& input : inputs) {
    expect_input_back(input, image_of(PixelType::u8, 3), 0, 255);
    expect_input_back(input, image_of(PixelType::u16, 3), 0, 65535);
    expect_input_back(input, image_of(PixelType::i16, 3), -32768, 32767);
    expect_input_back(input, image_of(PixelType::f32, 3), -10000, 10000);
  }
}

TEST(Scaling, OutputsAreScaledBandByBand) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ImageInfo image = image_of(PixelType::u8, 2);
  const auto made = output_factors({.scale = {2, 3}, .offset = {1}}, image);
  ASSERT_TRUE(made);
  std::vector<float> values{10, -1};
  apply_factors((*made)[1], values);
  EXPECT_EQ(values, (std::vector<float>{31, -2}));
  const auto by_default = output_factors({}, image);
  ASSERT_TRUE(by_default);
  EXPECT_EQ((*by_default)[1].scale, 255);
  EXPECT_FALSE(output_factors({.scale = {1, 2, 3}}, image));
  EXPECT_FALSE(output_factors({.offset = {kInfinity}}, image));
}

}  // namespace
}  // namespace sectile::internal
