#include "src/run/planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace sectile::internal {
namespace {

// A different value for every pixel of every band.
float value_at(std::int64_t band, std::int64_t y, std::int64_t x) {
  return static_cast<float>(band * 10'000 + y * 100 + x);
}

std::size_t count(Rect rect, std::int64_t bands) {
  return static_cast<std::size_t>(rect.area() * bands);
}

// Where a value lies in a network's buffer, by the definitions of the layouts.
std::size_t place(Layout layout, Rect tile, std::int64_t bands, std::int64_t band, std::int64_t y,
                  std::int64_t x) {
  const std::int64_t row = y - tile.y.begin;
  const std::int64_t column = x - tile.x.begin;
  const std::int64_t pixel = row * tile.x.size() + column;
  return static_cast<std::size_t>(layout == Layout::planar ? band * tile.area() + pixel
                                                           : pixel * bands + band);
}

template <typename Visit>
void for_each_value(Rect rect, std::int64_t bands, Visit visit) {
  for (std::int64_t band = 0; band < bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) visit(band, y, x);
    }
  }
}

std::vector<float> filled(Rect rect, std::int64_t bands) {
  std::vector<float> values;
  for_each_value(rect, bands,
                 [&](auto band, auto y, auto x) { values.push_back(value_at(band, y, x)); });
  return values;
}

class Random {
 public:
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(engine_);
  }
  Range range(std::int64_t least, std::int64_t most) {
    const std::int64_t begin = number(least, most - 1);
    return {begin, number(begin + 1, most)};
  }
  Rect inside(Rect rect) {
    return {range(rect.y.begin, rect.y.end), range(rect.x.begin, rect.x.end)};
  }

 private:
  std::mt19937 engine_{7};
};

class PlanesIn : public ::testing::TestWithParam<Layout> {};
INSTANTIATE_TEST_SUITE_P(Layouts, PlanesIn, ::testing::Values(Layout::planar, Layout::interleaved));

TEST_P(PlanesIn, GatherPutsEveryValueInItsPlace) {
  Random random;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t bands = random.number(1, 5);
    const Rect rect{random.range(0, 20), random.range(0, 20)};
    const Rect tile = random.inside(rect);
    const auto image = filled(rect, bands);
    std::vector<float> buffer(count(tile, bands), -1);
    gather({image, rect, bands}, tile, GetParam(), buffer);
    for_each_value(tile, bands, [&](auto band, auto y, auto x) {
      ASSERT_EQ(buffer[place(GetParam(), tile, bands, band, y, x)], value_at(band, y, x));
    });
  }
}

TEST_P(PlanesIn, ScatterCopiesWhatIsKeptAndNothingElse) {
  Random random;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t bands = random.number(1, 5);
    const Rect tile{random.range(0, 20), random.range(0, 20)};
    const Rect kept = random.inside(tile);
    const Rect rect{{kept.y.begin - random.number(0, 3), kept.y.end + random.number(0, 3)},
                    {kept.x.begin - random.number(0, 3), kept.x.end + random.number(0, 3)}};
    std::vector<float> buffer(count(tile, bands));
    for_each_value(tile, bands, [&](auto band, auto y, auto x) {
      buffer[place(GetParam(), tile, bands, band, y, x)] = value_at(band, y, x);
    });
    std::vector<float> image(count(rect, bands), -1);
    scatter(buffer, GetParam(), tile, kept, {image, rect, bands});
    for_each_value(rect, bands, [&](auto band, auto y, auto x) {
      const bool is_kept =
          kept.y.begin <= y && y < kept.y.end && kept.x.begin <= x && x < kept.x.end;
      ASSERT_EQ(image[place(Layout::planar, rect, bands, band, y, x)],
                is_kept ? value_at(band, y, x) : -1);
    });
  }
}

}  // namespace
}  // namespace sectile::internal
