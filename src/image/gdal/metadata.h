// Metadata from and to a GDAL dataset.
#pragma once

#include <gdal.h>

#include <string>

#include "sectile/image.h"
#include "src/image/gdal/format.h"

namespace sectile::internal {

// What is true of the pixels, whatever becomes of them. Statistics, histograms and what a program
// notes of its own file are left out.
Metadata read_metadata(GDALDatasetH dataset);

// Sets what `info.metadata` holds, as far as files of that format keep it. REQUIRES: no pixel was
// written yet. Errors: io.
Status write_metadata(GDALDatasetH dataset, const ImageInfo& info, const OutputFormat& format,
                      const std::string& path);

// Whether the options of a driver say what the bands mean.
bool says_colors(const CPLStringList& options);

// Options with which a TIFF's bands mean what `info` says: three colours, and alpha. A caller's own
// options stay.
void choose_photometric(const ImageInfo& info, CPLStringList& options);

// Why the format cannot hold such bands; empty: it can. PNG and WebP take the last of 2 or 4 bands
// for alpha.
std::string invented_alpha(const ImageInfo& info, const std::string& driver);

}  // namespace sectile::internal
