#include "src/runtime/tile_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sectile::internal {
namespace {

TEST(TileBuffer, IsAlignedAndZeroWithSpareBytesBehindTheEnd) {
  for (const std::int64_t values : {0, 1, 15, 16, 17, 1000, 1 << 20}) {
    auto buffer = TileBuffer::allocate(values);
    ASSERT_TRUE(buffer);
    const auto span = buffer->values();
    EXPECT_EQ(std::ssize(span), values);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(span.data()) % 64, 0u);
    // The spare bytes too: a sanitizer stops the test when they are not there.
    EXPECT_TRUE(
        std::all_of(span.data(), span.data() + values + 16, [](float v) { return v == 0; }));
    std::fill(span.data(), span.data() + values + 16, 1.0f);
  }
}

TEST(TileBuffer, IsOverBudgetWhenThereIsNoSuchMemory) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t values :
       {most, most / 4, most / 4 + 1, std::int64_t{1} << 45, std::int64_t{1} << 38,
        std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    const auto buffer = TileBuffer::allocate(values);
    ASSERT_FALSE(buffer) << values;
    EXPECT_EQ(buffer.error().code, ErrorCode::over_budget);
  }
}

TEST(TileBuffer, MovesWithoutMovingItsValues) {
  TileBuffer first = *TileBuffer::allocate(8);
  first.values()[3] = 5;
  const float* data = first.values().data();
  const TileBuffer second = std::move(first);
  EXPECT_EQ(second.values().data(), data);
  EXPECT_EQ(second.values()[3], 5);
}

TEST(TileBuffer, IsEmptyByDefault) { EXPECT_TRUE(TileBuffer().values().empty()); }

}  // namespace
}  // namespace sectile::internal
