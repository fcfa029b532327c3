// GeoReference from and to a GDAL dataset.
#pragma once

#include <gdal.h>

#include <memory>
#include <string>

#include "sectile/image.h"

namespace sectile::internal {

struct ReleaseCrs {
  void operator()(void* crs) const;
};
using Crs = std::unique_ptr<void, ReleaseCrs>;

// Its coordinates are x, then y, as everywhere in GDAL's files, whatever order its authority gives.
// Null: the text is empty, or means nothing to GDAL.
Crs crs_of(const std::string& wkt);

// What the dataset says of itself; the "no data" value is that of the first band.
GeoReference read_geo(GDALDatasetH dataset);

// Sets what `geo` holds. A "no data" value that the pixel type cannot hold is left out: no pixel
// can have it.
// Errors: invalid_argument (the text of the coordinate system means nothing to GDAL), io (the
// driver refused).
Status write_geo(GDALDatasetH dataset, const ImageInfo& info, const std::string& path);

bool is_empty(const GeoReference& geo);

}  // namespace sectile::internal
