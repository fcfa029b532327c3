#include "src/base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace sectile::internal {
namespace {

TEST(Half, RoundsToTheNearestAndToEvenBetweenTwo) {
  EXPECT_EQ(to_half(1.0F), 0x3C00);
  EXPECT_EQ(to_half(-2.0F), 0xC000);
  EXPECT_EQ(to_half(1.0F + 0x1p-11F), 0x3C00);      // half way: down to even
  EXPECT_EQ(to_half(1.0F + 3 * 0x1p-11F), 0x3C02);  // half way: up to even
  EXPECT_EQ(to_half(1.0F + 0x1p-11F + 0x1p-20F), 0x3C01);
  EXPECT_EQ(to_half(-0.0F), 0x8000);
  EXPECT_EQ(to_half(0x1p-24F), 0x0001);  // the smallest
  EXPECT_EQ(to_half(0x1p-25F), 0x0000);
}

TEST(Half, KeepsWhatIsNoNumber) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(to_half(infinity), 0x7C00);
  EXPECT_EQ(to_half(65520.0F), 0x7C00);  // the first that is beyond the largest
  EXPECT_EQ(to_half(65519.0F), 0x7BFF);
  EXPECT_TRUE(std::isnan(from_half(to_half(std::nanf("")))));
  EXPECT_EQ(from_half(0xFC00), -infinity);
}

TEST(Half, ComesBackAsItWas) {
  std::vector<std::uint16_t> halves;
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!std::isnan(from_half(half))) halves.push_back(half);
  }
  std::vector<float> floats(halves.size());
  from_halves(reinterpret_cast<const std::byte*>(halves.data()), floats);
  std::vector<std::uint16_t> back(halves.size());
  to_halves(floats, reinterpret_cast<std::byte*>(back.data()));
  EXPECT_EQ(back, halves);
}

}  // namespace
}  // namespace sectile::internal
