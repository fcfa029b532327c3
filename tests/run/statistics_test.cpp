// Sums of images, added up strip by strip.
#include "src/run/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "src/base/moments.h"

namespace sectile::internal {
namespace {

constexpr std::int64_t kWidth = 13;
constexpr std::int64_t kRows = 41;
constexpr std::int64_t kChannels = 11;

constexpr std::array kKinds = {
    Statistic::mean,    Statistic::mean_of_squares, Statistic::kernel_mean, Statistic::kernel_sum,
    Statistic::largest, Statistic::least,           Statistic::moments};

// Rows of an image that lies channel after channel.
std::vector<float> rows_of(const std::vector<float>& image, std::int64_t first,
                           std::int64_t count) {
  std::vector<float> rows;
  for (std::int64_t c = 0; c < kChannels; ++c) {
    const auto begin = image.begin() + (c * kRows + first) * kWidth;
    rows.insert(rows.end(), begin, begin + count * kWidth);
  }
  return rows;
}

std::vector<float> noise(std::mt19937& random) {
  std::normal_distribution<float> normal(0.3F, 2.0F);
  std::vector<float> image(static_cast<std::size_t>(kChannels * kRows * kWidth));
  std::ranges::generate(image, [&] { return normal(random); });
  return image;
}

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> out;
  for (const float value : values) out.push_back(std::bit_cast<std::uint32_t>(value));
  return out;
}

TEST(Summation, DoesNotDependOnTheStrips) {
  std::mt19937 random(1);
  for (const Statistic kind : kKinds) {
    for (const Arithmetic arithmetic :
         {Arithmetic{SquareRounding::once}, Arithmetic{SquareRounding::twice},
          Arithmetic{SquareRounding::twice, true}}) {
      const std::vector<float> image = noise(random);
      Summation at_once(kind, kChannels, kWidth, arithmetic);
      at_once.add(image);
      for (int turn = 0; turn < 20; ++turn) {
        Summation in_strips(kind, kChannels, kWidth, arithmetic);
        for (std::int64_t first = 0; first < kRows;) {
          const std::int64_t count =
              std::min<std::int64_t>(std::uniform_int_distribution(1, 9)(random), kRows - first);
          in_strips.add(rows_of(image, first, count));
          first += count;
        }
        ASSERT_EQ(bits(in_strips.values()), bits(at_once.values())) << static_cast<int>(kind);
      }
    }
  }
}

// XNNPACK's own sum stays at 2^24: 1 is half of what comes next.
TEST(Summation, OfManyOnesIsRightWhereItIsAccurate) {
  constexpr std::int64_t kStrips = 512;
  const std::vector<float> ones(std::size_t{1} << 16, 1.0F);
  Summation exact(Statistic::mean, 1, std::ssize(ones), {});
  Summation accurate(Statistic::mean, 1, std::ssize(ones), {.is_accurate = true});
  for (std::int64_t i = 0; i < kStrips; ++i) {
    exact.add(ones);
    accurate.add(ones);
  }
  EXPECT_EQ(exact.values()[0], 0.5F);
  EXPECT_EQ(accurate.values()[0], 1.0F);
}

TEST(Summation, KeepsANumberThatIsNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Statistic kind : {Statistic::largest, Statistic::least}) {
    Summation summation(kind, 1, 3, {});
    summation.add(std::vector<float>{1, nan, 2});
    EXPECT_TRUE(std::isnan(summation.values()[0]));
  }
}

TEST(Moments, KeepTheNumberOfPixels) {
  for (const std::int64_t pixels :
       {std::int64_t{1}, (std::int64_t{1} << 24) + 1, (std::int64_t{1} << 40) + 12345}) {
    const std::vector<float> numbers =
        Moments::join(std::vector<float>{1, 2}, std::vector<float>{3, 4}, pixels);
    EXPECT_EQ(std::ssize(numbers), Moments::numbers_of(2));
    const Moments moments(numbers);
    EXPECT_EQ(moments.pixels, pixels);
    EXPECT_EQ(moments.sums[1], 2);
    EXPECT_EQ(moments.squares[0], 3);
  }
}

}  // namespace
}  // namespace sectile::internal
