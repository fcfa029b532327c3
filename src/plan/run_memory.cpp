#include "src/plan/run_memory.h"

#include <algorithm>

namespace sectile::internal {

namespace {

std::int64_t row_bytes(const ImageInfo& image) {
  return image.size.width * image.bands * std::int64_t{sizeof(float)};
}

}  // namespace

std::int64_t rows_per_read(const ImageInfo& image) {
  constexpr std::int64_t kMostBytes = std::int64_t{2} << 20;
  constexpr std::int64_t kMostRows = 64;
  return std::clamp<std::int64_t>(kMostBytes / row_bytes(image), 1, kMostRows);
}

std::int64_t reading_bytes(const ImageInfo& image) {
  return std::min(rows_per_read(image), image.size.height) * row_bytes(image);
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
