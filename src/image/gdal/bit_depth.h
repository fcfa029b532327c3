// Bits of integer pixels, where a file has fewer than its pixel type (GDAL's NBITS).
#pragma once

#include <gdal.h>

#include "sectile/image.h"
#include "src/image/gdal/format.h"

namespace sectile::internal {

// Of the bands, the most; 0 where that is all bits of the type.
int bits_of(GDALDatasetH dataset, PixelType type);

// The bits that files of this format have: those that the caller's options name, or those of the
// image where the driver can hold as few, which it is then told; else 0, all.
int choose_bits(const ImageInfo& info, OutputFormat& format);

}  // namespace sectile::internal
