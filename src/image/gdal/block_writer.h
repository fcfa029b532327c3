// BlockWriter: rows of float pixels to whole blocks of a GDAL dataset.
//
// A compressed block that is written twice leaves a hole in its file. So rows wait here, in the
// file's pixel type, until a row of blocks is complete; then each block is written once, past
// GDAL's block cache (which may push out a block while only some of its bands are there).
//
// Memory: one row of blocks: width * block height * bands * bytes per pixel.
// Thread safety: one thread at a time.
#pragma once

#include <gdal.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "src/image/gdal/pixel_sums.h"

namespace sectile::internal {

class BlockWriter {
 public:
  // `sums` (may be null) is told of all pixels.
  // REQUIRES: `dataset` has the size, the bands and the pixel type of `info`, in equal blocks
  // (difference_from), and stays open as long as the writer.
  BlockWriter(GDALDatasetH dataset, const ImageInfo& info, PixelSums* sums);

  // Takes the next rows, as ImageSink::write does. Returns GDAL's reason when a block cannot be
  // written.
  std::optional<std::string> add(Range rows, std::span<const float> pixels);

  std::int64_t next_row() const { return next_row_; }
  Size block() const { return block_; }

 private:
  std::int64_t row_bytes() const { return size_.width * pixel_bytes_; }
  std::byte* row(int band, std::int64_t y);
  void keep(Range rows, Range part, std::span<const float> pixels);
  std::optional<std::string> write_block_row();
  bool complete() const { return next_row_ == size_.height; }
  bool write_block(int band, std::int64_t column, std::int64_t block_row);

  GDALDatasetH dataset_;
  PixelSums* sums_;
  Size size_;
  int bands_;
  PixelType type_;
  int bits_;
  std::int64_t pixel_bytes_;
  Size block_;
  std::int64_t next_row_ = 0;
  std::vector<std::byte> rows_;   // band after band, block_.height rows each
  std::vector<std::byte> piece_;  // one block of one band
};

}  // namespace sectile::internal
