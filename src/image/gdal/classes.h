// What the pixels of a class map stand for, as files hold it: category names (which most formats
// have in a file of GDAL's beside them, .aux.xml) and a colour table.
//
// Thread safety: as GDAL's datasets.
#pragma once

#include <gdal.h>

#include <optional>
#include <string>

#include "sectile/image.h"

namespace sectile::internal {

// GDAL reports failures as it does.
void write_classes(GDALDatasetH dataset, const ImageInfo& info);

bool has_class_names(const ImageInfo& info);

// What a file lacks of the classes' names and colours, in words.
std::optional<std::string> missing_classes(GDALDatasetH dataset, const ImageInfo& info);

}  // namespace sectile::internal
