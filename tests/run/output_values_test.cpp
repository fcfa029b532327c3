#include "src/run/output_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace sectile::internal {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

PlanData plan_of(OutputKind kind, int bands, PixelType type = PixelType::f32) {
  PlanData plan;
  plan.output_kind = kind;
  plan.network_bands = bands;
  plan.output_image.bands = kind == OutputKind::argmax ? 1 : bands;
  plan.output_image.pixel_type = type;
  return plan;
}

std::vector<float> pixels_of(const PlanData& plan, std::vector<float> values,
                             const OutputScaling& scaling = {}) {
  const auto made = OutputValues::create(plan, scaling, plan.output_image);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  if (!made) return {};
  const auto pixels = made->to_pixels(values);
  return {pixels.begin(), pixels.end()};
}

void expect_error(const PlanData& plan, const OutputScaling& scaling,
                  std::initializer_list<const char*> parts) {
  const auto made = OutputValues::create(plan, scaling, plan.output_image);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  for (const char* part : parts) {
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
  }
}

TEST(OutputValues, TakesTheLargestBand) {
  // Planes of 4 pixels: the second is the largest, all are equal, the last is, the first is.
  const std::vector<float> values{1, 5, -3, 0.5F, 2, 5, -2, 0.25F, 0, 5, -1, -kInfinity};
  EXPECT_EQ(pixels_of(plan_of(OutputKind::argmax, 3, PixelType::u8), values),
            (std::vector<float>{1, 0, 2, 0}));
}

TEST(OutputValues, TakesNotANumberForTheLargestAsNumpyDoes) {
  const std::vector<float> values{kNaN, 1, kInfinity, 0.0F, 7, kNaN, kNaN, -0.0F, kNaN, kNaN, 3, 0};
  EXPECT_EQ(pixels_of(plan_of(OutputKind::argmax, 3, PixelType::u8), values),
            (std::vector<float>{0, 1, 1, 0}));
}

// More pixels than are worked on at a time, and more bands than u8 holds.
TEST(OutputValues, TakesTheLargestOfManyBandsAndPixels) {
  constexpr std::size_t kBands = 300;
  constexpr std::size_t kArea = 5000;
  std::mt19937 random(1);
  std::vector<float> values(kBands * kArea);
  for (float& value : values) value = static_cast<float>(random() % 1000);
  std::vector<float> expected(kArea);
  for (std::size_t i = 0; i < kArea; ++i) {
    std::size_t best = 0;
    for (std::size_t band = 1; band < kBands; ++band) {
      if (values[band * kArea + i] > values[best * kArea + i]) best = band;
    }
    expected[i] = static_cast<float>(best);
  }
  EXPECT_EQ(pixels_of(plan_of(OutputKind::argmax, kBands, PixelType::u16), values), expected);
}

TEST(OutputValues, GivesSharesThatAddUpToOne) {
  const std::vector<float> values{0, 1000, -1000, 1, 1000, -1002, 2, 1000, -1001};
  const auto shares = pixels_of(plan_of(OutputKind::softmax, 3), values);
  const double sum = 1 + std::exp(1.0) + std::exp(2.0);
  for (std::size_t band = 0; band < 3; ++band) {
    const double power = std::exp(static_cast<double>(band));
    EXPECT_EQ(shares[3 * band], static_cast<float>(power / sum));
    EXPECT_EQ(shares[3 * band + 1], static_cast<float>(1.0 / 3));
  }
  const double less = 1 + std::exp(-1.0) + std::exp(-2.0);
  EXPECT_EQ(shares[2], static_cast<float>(1 / less));
  EXPECT_EQ(shares[5], static_cast<float>(std::exp(-2.0) / less));
  EXPECT_EQ(shares[8], static_cast<float>(std::exp(-1.0) / less));
}

TEST(OutputValues, GivesNoSharesOfWhatIsNoNumber) {
  const std::vector<float> values{1, kInfinity, -kInfinity, -kInfinity, kNaN, 1, -kInfinity, 5};
  const auto shares = pixels_of(plan_of(OutputKind::softmax, 2), values);
  for (const std::size_t pixel : {0, 1, 2}) {
    EXPECT_TRUE(std::isnan(shares[pixel])) << pixel;
    EXPECT_TRUE(std::isnan(shares[pixel + 4])) << pixel;
  }
  EXPECT_EQ(shares[3], 0);
  EXPECT_EQ(shares[7], 1);
}

TEST(OutputValues, GivesSigmoidsInDoubleRoundedOnce) {
  const std::vector<float> values{0, 2.5F, -80, 88, kInfinity, -kInfinity, 1000, -1000};
  const auto found = pixels_of(plan_of(OutputKind::sigmoid, 1), values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(found[i], static_cast<float>(1 / (1 + std::exp(-static_cast<double>(values[i])))));
  }
  EXPECT_EQ(found[0], 0.5F);
  EXPECT_GT(found[2], 0);
  EXPECT_EQ(found[7], 0);
}

TEST(OutputValues, ScalesSharesAsValues) {
  const auto bytes = pixels_of(plan_of(OutputKind::sigmoid, 1, PixelType::u8), {0, 100});
  EXPECT_EQ(bytes, (std::vector<float>{127.5F, 255}));
  const auto percent =
      pixels_of(plan_of(OutputKind::sigmoid, 1), {0, 100}, {.scale = {100}, .offset = {1}});
  EXPECT_EQ(percent, (std::vector<float>{51, 101}));
}

TEST(OutputValues, ComparesWithAThresholdInF32) {
  PlanData plan = plan_of(OutputKind::values, 2, PixelType::u8);
  plan.threshold = 0.7;  // more than 0.7F is
  EXPECT_EQ(pixels_of(plan, {0.7F, std::nextafter(0.7F, 0.0F), kNaN, kInfinity}),
            (std::vector<float>{1, 0, 0, 1}));
  plan.output_kind = OutputKind::sigmoid;
  plan.threshold = 0.5;
  EXPECT_EQ(pixels_of(plan, {0, -1e-3F, 1, -0.0F}), (std::vector<float>{1, 0, 1, 1}));
}

TEST(OutputValues, DoesNotScaleClasses) {
  const PlanData map = plan_of(OutputKind::argmax, 2, PixelType::u8);
  expect_error(map, {.scale = {2}, .offset = {}}, {"numbers of classes", "scale"});
  PlanData plan = plan_of(OutputKind::values, 2, PixelType::u8);
  plan.threshold = 0.5;
  expect_error(plan, {.scale = {}, .offset = {1}}, {"threshold", "offset"});
}

TEST(OutputValues, DoesNotPutMoreClassesIntoPixelsThanTheyHold) {
  PlanData plan = plan_of(OutputKind::argmax, 17, PixelType::u8);
  plan.output_image.bits = 4;
  expect_error(plan, {}, {"17 classes", "4 bits", "16"});
  plan.network_bands = 16;
  EXPECT_TRUE(OutputValues::create(plan, {}, plan.output_image));
}

}  // namespace
}  // namespace sectile::internal
