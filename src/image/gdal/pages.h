// Opening a file, or one of the images (pages, subdatasets) that it holds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sectile/result.h"
#include "src/image/gdal/call.h"

namespace sectile::internal {

// Empty when GDAL cannot.
Dataset open_dataset(const std::string& path);

// GDAL's names of the images that the file holds; empty where it is one image.
std::vector<std::string> page_names(void* dataset);

// Opens the page of that number, from 1 on, and says its name; 0: what GDAL takes, which is the
// first of a TIFF.
// Errors: not_found, io (not an image), unsupported (a file of several images of which GDAL takes
// none), invalid_argument (no such page).
Result<std::pair<std::string, Dataset>> open_page(const std::string& path, int page);

}  // namespace sectile::internal
