// PixelSums: what is kept of an image's pixels in order to compare a file with them later.
//
// A checksum over every byte tells whether a file holds exactly the pixels that were written. A
// format that loses detail is compared by the mean of each cell of a coarse grid.
//
// Memory: at most 32 x 32 numbers for each band, and only for formats that lose detail.
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"

namespace sectile::internal {

class PixelSums {
 public:
  // Pieces of rows begin at multiples of so many columns.
  static constexpr std::int64_t kPieceWidth = 256;

  // `coarse`: the means are kept too.
  PixelSums(const ImageInfo& info, bool coarse);

  // Adds pixels of row `y` of a band from column `x` on, as bytes of the image's pixel type. The
  // order does not matter.
  // REQUIRES: every pixel is added once; `x` is a multiple of kPieceWidth, and so is the end,
  // unless it is the row's.
  void add(int band, std::int64_t y, std::int64_t x, std::span<const std::byte> pixels);

  bool same_pixels(const PixelSums& other) const { return checksum_ == other.checksum_; }
  // REQUIRES: both keep means.
  bool similar_pixels(const PixelSums& other) const;

 private:
  void add_to_cell(int band, std::int64_t y, std::int64_t x, std::span<const std::byte> pixels);

  PixelType type_;
  std::int64_t pixel_bytes_;
  Size cell_;
  Size grid_;
  std::uint64_t checksum_ = 0;
  std::vector<double> cells_;   // sums, band after band
  std::vector<double> counts_;  // of the pixels in each cell that are numbers
};

}  // namespace sectile::internal
