// MaskBands: what a file says of which pixels are data.
//
// A nodata value that is one of an unsigned type's ordinary values (0, 255, 65535) marks a pixel
// when all bands have it; of other types, when one of them has.
// Thread safety: values; read() as the dataset.
#pragma once

#include <gdal.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sectile/image.h"

namespace sectile::internal {

class MaskBands {
 public:
  MaskBands() = default;  // all pixels are data
  // Of a source that takes these bands of the file, from 1 on. Alpha among them is an image's band
  // like any other, and masks nothing.
  MaskBands(GDALDatasetH dataset, const std::vector<int>& bands, PixelType type);

  MaskKind kind() const;
  // Lowers `out`, a byte a pixel, to 0 where pixels are no data, and to what alpha they have.
  // Returns GDAL's reason when it cannot be read.
  std::optional<std::string> read(GDALDatasetH dataset, const Rect& rect,
                                  std::span<std::uint8_t> out) const;

 private:
  int alpha_ = 0;                   // the file's band; 0: none
  std::vector<int> with_nodata_;    // bands that have a nodata value
  std::vector<int> with_own_mask_;  // bands; the first one, where it is one mask for all
  bool needs_all_ = false;          // bands, to be nodata
};

}  // namespace sectile::internal
