// An image as a network takes it, for the passes that read it beside what others kept.
#include "src/run/extended_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "src/run/scaling.h"
#include "tests/image/float_image.h"

namespace sectile::internal {
namespace {

constexpr Size kSize{5, 4};
constexpr Size kExtended{8, 6};
constexpr int kBands = 2;

std::vector<float> pixels() {
  std::vector<float> values(static_cast<std::size_t>(kSize.area() * kBands));
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

TEST(ExtendedSource, ScalesAndRepeatsTheEdges) {
  const std::vector<float> values = pixels();
  for (const Range columns : {Range{0, 6}, Range{2, 5}, Range{5, 6}}) {
    MemorySource inner(float_image(kSize, kBands), values);
    auto scalings = band_scalings({.scale = 2, .mean = {1}, .std = {}}, inner.info(), {});
    ASSERT_TRUE(scalings);
    ExtendedSource source(inner, *scalings, {}, kExtended);
    EXPECT_EQ(source.info().size, kExtended);
    for (const Range rows : {Range{0, 3}, Range{3, 4}, Range{4, 7}, Range{7, 8}}) {
      const Rect rect{rows, columns};
      std::vector<float> out(static_cast<std::size_t>(rect.area() * kBands));
      ASSERT_TRUE(source.read(rect, out));
      const ConstPlanes planes{out, rect, kBands};
      for (int band = 0; band < kBands; ++band) {
        for (std::int64_t y = rows.begin; y < rows.end; ++y) {
          for (std::int64_t x = columns.begin; x < columns.end; ++x) {
            const std::int64_t row = band * kSize.height + std::min(y, kSize.height - 1);
            const auto at =
                static_cast<std::size_t>(row * kSize.width + std::min(x, kSize.width - 1));
            EXPECT_EQ(planes.row(band, y, {x, x + 1})[0], values[at] * 2 - 1);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace sectile::internal
