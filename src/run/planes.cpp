#include "src/run/planes.h"

#include <algorithm>

namespace sectile::internal {

namespace {

// Where the values of one row and one band lie in a network's buffer: every `step`-th value from
// `begin` on.
struct Line {
  std::size_t begin = 0;
  std::size_t step = 1;
};

Line line_of(Layout layout, Rect tile, std::int64_t bands, std::int64_t band, std::int64_t y,
             std::int64_t x) {
  const std::int64_t row = y - tile.y.begin;
  const std::int64_t column = x - tile.x.begin;
  const std::int64_t width = tile.x.size();
  if (layout == Layout::planar) {
    return {static_cast<std::size_t>((band * tile.y.size() + row) * width + column), 1};
  }
  return {static_cast<std::size_t>((row * width + column) * bands + band),
          static_cast<std::size_t>(bands)};
}

}  // namespace

void gather(const ConstPlanes& image, Rect tile, Layout layout, std::span<float> buffer) {
  for (std::int64_t band = 0; band < image.bands; ++band) {
    for (std::int64_t y = tile.y.begin; y < tile.y.end; ++y) {
      const auto from = image.row(band, y, tile.x);
      const Line to = line_of(layout, tile, image.bands, band, y, tile.x.begin);
      if (to.step == 1) {
        std::ranges::copy(from, buffer.begin() + static_cast<std::ptrdiff_t>(to.begin));
        continue;
      }
      for (std::size_t i = 0; i < from.size(); ++i) buffer[to.begin + i * to.step] = from[i];
    }
  }
}

void blank_masked(std::span<const std::uint8_t> mask, float value, std::span<float> row) {
  for (std::size_t x = 0; x < mask.size(); ++x) {
    if (mask[x] == 0) row[x] = value;
  }
}

void scatter(std::span<const float> buffer, Layout layout, Rect tile, Rect kept,
             const Planes& image) {
  for (std::int64_t band = 0; band < image.bands; ++band) {
    for (std::int64_t y = kept.y.begin; y < kept.y.end; ++y) {
      const auto to = image.row(band, y, kept.x);
      const Line from = line_of(layout, tile, image.bands, band, y, kept.x.begin);
      if (from.step == 1) {
        std::ranges::copy(buffer.subspan(from.begin, to.size()), to.begin());
        continue;
      }
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = buffer[from.begin + i * from.step];
    }
  }
}

}  // namespace sectile::internal
