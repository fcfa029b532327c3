// Whether a finished file holds the image that was written to it.
#pragma once

#include <optional>
#include <string>

#include "sectile/host.h"
#include "sectile/image.h"
#include "src/image/gdal/pixel_sums.h"

namespace sectile::internal {

// Reads all of `file` and compares its size, bands, pixel type and pixels. `loses_detail`: pixels
// need only be similar; `written` then keeps means. Returns what is wrong, in words.
//
// Memory: one block of each band, or 16 rows where blocks are lower.
std::optional<std::string> read_back(const std::string& file, const ImageInfo& info,
                                     const PixelSums& written, bool loses_detail,
                                     const HostOptions& host);

}  // namespace sectile::internal
