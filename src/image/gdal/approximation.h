// How an image was approximated, as files say it: the metadata item SECTILE_APPROXIMATE, or for
// JPEG a comment that begins with that name.
#pragma once

#include <cpl_string.h>
#include <gdal.h>

#include <string>

#include "sectile/image.h"

namespace sectile::internal {

// Empty when the file says nothing of it.
std::string read_approximation(GDALDatasetH dataset);

// Sets ImageInfo::approximation, unless it is empty. Errors: io.
Status write_approximation(GDALDatasetH dataset, const ImageInfo& info, const std::string& path);

// Options with which a driver that copies an image keeps that item in the file itself; nothing is
// changed for drivers of which no such option is known. Returns whether one is.
bool keep_approximation(const std::string& driver, const ImageInfo& info, CPLStringList& options);

}  // namespace sectile::internal
