#include "src/base/integers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sectile::internal {
namespace {

TEST(Integers, DivideAsTheirNamesSay) {
  for (std::int64_t value = -40; value <= 40; ++value) {
    for (std::int64_t divisor = 1; divisor <= 9; ++divisor) {
      const double exact = static_cast<double>(value) / static_cast<double>(divisor);
      EXPECT_EQ(floor_div(value, divisor), static_cast<std::int64_t>(std::floor(exact)))
          << value << " / " << divisor;
      EXPECT_EQ(ceil_div(value, divisor), static_cast<std::int64_t>(std::ceil(exact)))
          << value << " / " << divisor;
    }
  }
}

TEST(Integers, RoundUpToTheNextMultiple) {
  EXPECT_EQ(round_up(0, 8), 0);
  EXPECT_EQ(round_up(1, 8), 8);
  EXPECT_EQ(round_up(8, 8), 8);
  EXPECT_EQ(round_up(-1, 8), 0);
  EXPECT_EQ(round_up(-8, 8), -8);
}

}  // namespace
}  // namespace sectile::internal
