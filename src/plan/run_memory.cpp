#include "src/plan/run_memory.h"

#include <algorithm>

namespace sectile::internal {

namespace {

std::int64_t row_bytes(std::int64_t width, int bands) {
  return width * bands * std::int64_t{sizeof(float)};
}

}  // namespace

std::int64_t rows_per_read(std::int64_t width, int bands) {
  constexpr std::int64_t kMostBytes = std::int64_t{2} << 20;
  constexpr std::int64_t kMostRows = 64;
  return std::clamp<std::int64_t>(kMostBytes / std::max<std::int64_t>(1, row_bytes(width, bands)),
                                  1, kMostRows);
}

std::int64_t reading_bytes(Size window, int bands) {
  return std::min(rows_per_read(window.width, bands), window.height) *
         row_bytes(window.width, bands);
}

std::int64_t blended_rows_at_a_time(std::int64_t tile_height) {
  constexpr std::int64_t kMostRows = 64;
  return std::min(kMostRows, tile_height);
}

std::int64_t blending_bytes(Size tile, Size tiles, Size image, int bands) {
  constexpr std::int64_t kSumBytes = 16;
  const std::int64_t a_row = image.width * bands;
  const auto shares = static_cast<std::int64_t>(sizeof(double));
  return tile.height * a_row * kSumBytes +
         blended_rows_at_a_time(tile.height) * a_row * std::int64_t{sizeof(float)} +
         (tile.height * tiles.height + tile.width * tiles.width) * shares + image.height +
         image.width;
}

}  // namespace sectile::internal
