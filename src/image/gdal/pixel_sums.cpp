#include "src/image/gdal/pixel_sums.h"

#include <gdal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string_view>

#include "src/base/integers.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t most_cells = 32;  // along each axis

// Odd factors, so that a piece in another place gives another number.
std::uint64_t place_of(int band, std::int64_t y, std::int64_t x) {
  return static_cast<std::uint64_t>(band) * 0x9E3779B97F4A7C15U +
         static_cast<std::uint64_t>(y) * 0xC2B2AE3D27D4EB4FU +
         static_cast<std::uint64_t>(x) * 0x165667B19E3779F9U;
}

std::uint64_t hash_of(std::uint64_t place, std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::uint64_t hash = std::hash<std::string_view>{}(text) ^ place;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93U;
  return hash ^ (hash >> 32);
}

}  // namespace

PixelSums::PixelSums(const ImageInfo& info, bool coarse)
    : type_(info.pixel_type), pixel_bytes_(bytes_per_pixel(info.pixel_type)) {
  cell_ = {ceil_div(info.size.height, most_cells),
           round_up(ceil_div(info.size.width, most_cells), kPieceWidth)};
  grid_ = {ceil_div(info.size.height, cell_.height), ceil_div(info.size.width, cell_.width)};
  const auto count = static_cast<std::size_t>(coarse ? grid_.area() * info.bands : 0);
  cells_.resize(count);
  counts_.resize(count);
}

void PixelSums::add(int band, std::int64_t y, std::int64_t x, std::span<const std::byte> pixels) {
  const auto piece_bytes = static_cast<std::size_t>(kPieceWidth * pixel_bytes_);
  while (!pixels.empty()) {
    const auto piece = pixels.first(std::min(piece_bytes, pixels.size()));
    checksum_ += hash_of(place_of(band, y, x), piece);
    if (!cells_.empty()) add_to_cell(band, y, x, piece);
    pixels = pixels.subspan(piece.size());
    x += kPieceWidth;
  }
}

void PixelSums::add_to_cell(int band, std::int64_t y, std::int64_t x,
                            std::span<const std::byte> pixels) {
  std::array<double, kPieceWidth> values{};
  const auto count = static_cast<int>(static_cast<std::int64_t>(pixels.size()) / pixel_bytes_);
  GDALCopyWords(pixels.data(), to_gdal(type_), static_cast<int>(pixel_bytes_), values.data(),
                GDT_Float64, sizeof(double), count);
  const std::int64_t cell =
      (band * grid_.height + y / cell_.height) * grid_.width + x / cell_.width;
  for (const double value : std::span(values).first(static_cast<std::size_t>(count))) {
    if (!std::isfinite(value)) continue;
    cells_[static_cast<std::size_t>(cell)] += value;
    counts_[static_cast<std::size_t>(cell)] += 1;
  }
}

// An eighth of the largest mean; and eight, for dark pictures of the lowest quality.
bool PixelSums::similar_pixels(const PixelSums& other) const {
  constexpr double kShare = 1.0 / 8;
  constexpr double kLevels = 8;
  const auto mean = [](const PixelSums& sums, std::size_t cell) {
    return sums.cells_[cell] / std::max(sums.counts_[cell], 1.0);
  };
  double largest = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i)
    largest = std::max(largest, std::abs(mean(*this, i)));
  const double most = largest * kShare + (is_floating(type_) ? 0 : kLevels);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (std::abs(mean(*this, i) - mean(other, i)) > most) return false;
  }
  return true;
}

}  // namespace sectile::internal
