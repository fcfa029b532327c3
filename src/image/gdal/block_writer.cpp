#include "src/image/gdal/block_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

BlockWriter::BlockWriter(GDALDatasetH dataset, const ImageInfo& info, PixelSums* sums)
    : dataset_(dataset),
      sums_(sums),
      size_(info.size),
      bands_(info.bands),
      type_(info.pixel_type),
      bits_(info.bits),
      pixel_bytes_(bytes_per_pixel(info.pixel_type)),
      block_(block_of(GDALGetRasterBand(dataset, 1))),
      rows_(static_cast<std::size_t>(row_bytes() * block_.height * bands_)),
      piece_(static_cast<std::size_t>(block_.area() * pixel_bytes_)) {}

std::optional<std::string> BlockWriter::add(Range rows, std::span<const float> pixels) {
  assert(rows.begin == next_row_ && rows.end <= size_.height);
  assert(pixels.size() == static_cast<std::size_t>(rows.size() * size_.width * bands_));
  while (next_row_ < rows.end) {
    const std::int64_t block_end = (next_row_ / block_.height + 1) * block_.height;
    const Range part{next_row_, std::min({rows.end, block_end, size_.height})};
    keep(rows, part, pixels);
    next_row_ = part.end;
    if (next_row_ != block_end && !complete()) continue;
    if (auto reason = write_block_row()) return reason;
  }
  return std::nullopt;
}

std::byte* BlockWriter::row(int band, std::int64_t y) {
  return rows_.data() + (band * block_.height + y % block_.height) * row_bytes();
}

void BlockWriter::keep(Range rows, Range part, std::span<const float> pixels) {
  const auto count = static_cast<std::size_t>(part.size() * size_.width);
  for (int band = 0; band < bands_; ++band) {
    const std::int64_t from = (band * rows.size() + part.begin - rows.begin) * size_.width;
    const std::span<std::byte> to(row(band, part.begin),
                                  count * static_cast<std::size_t>(pixel_bytes_));
    convert_pixels(pixels.subspan(static_cast<std::size_t>(from), count), type_, to, bits_);
    for (std::int64_t y = part.begin; sums_ != nullptr && y < part.end; ++y) {
      sums_->add(band, y, 0, {row(band, y), static_cast<std::size_t>(row_bytes())});
    }
  }
}

// Band within block: a pixel-interleaved file then collects the bands of a block before it
// compresses them.
std::optional<std::string> BlockWriter::write_block_row() {
  const GdalCall call;
  const std::int64_t block_row = (next_row_ - 1) / block_.height;
  for (std::int64_t column = 0; column * block_.width < size_.width; ++column) {
    for (int band = 0; band < bands_; ++band) {
      if (!write_block(band, column, block_row) || call.failed()) return call.reason();
    }
  }
  return std::nullopt;
}

bool BlockWriter::write_block(int band, std::int64_t column, std::int64_t block_row) {
  const std::int64_t x = column * block_.width;
  const std::int64_t used_bytes = std::min(block_.width, size_.width - x) * pixel_bytes_;
  const Range rows{block_row * block_.height, next_row_};
  std::ranges::fill(piece_, std::byte{0});
  for (std::int64_t y = rows.begin; y < rows.end; ++y) {
    std::byte* to = piece_.data() + (y - rows.begin) * block_.width * pixel_bytes_;
    std::memcpy(to, row(band, y) + x * pixel_bytes_, static_cast<std::size_t>(used_bytes));
  }
  return GDALWriteBlock(GDALGetRasterBand(dataset_, band + 1), static_cast<int>(column),
                        static_cast<int>(block_row), piece_.data()) == CE_None;
}

}  // namespace sectile::internal
