// Pixel types in GDAL's terms, and what its objects say of themselves.
//
// GDAL knows signed bytes as a type of their own only from 3.7 on; before, they are bytes with a
// note beside them. This is the one place that knows the difference.
// Thread safety: pure functions, apart from what GDAL asks of the handles.
#pragma once

#include <gdal.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sectile/image.h"

namespace sectile::internal {

// The type in which GDAL stores pixels of `type`; bytes for i8 where GDAL has no better.
GDALDataType to_gdal(PixelType type);

// The smallest type that holds the pixels of all bands; nothing when there is none (complex
// numbers, 64-bit integers).
// REQUIRES: the dataset has a band.
std::optional<PixelType> pixel_type_of(GDALDatasetH dataset);

// True when the band's pixels are signed bytes that GDAL hands out as unsigned ones.
bool gives_signed_bytes_as_unsigned(GDALRasterBandH band);

// What the file has in one piece.
Size block_of(GDALRasterBandH band);

// In which way the dataset's size and bands are not those of `info`, in words, such as "band 2 has
// blocks of 64x64, and band 1 of 128x128". Nothing when they are, and all bands have equal blocks.
std::optional<std::string> difference_from(GDALDatasetH dataset, const ImageInfo& info);

// What a driver, a dataset or a band says of itself; empty when it does not.
std::string_view metadata_text(GDALMajorObjectH object, const char* key,
                               const char* domain = nullptr);

// "KEY=VALUE" of a domain (null: the main one), and what writes them.
std::vector<std::string> metadata_items(GDALMajorObjectH object, const char* domain);
void write_items(GDALMajorObjectH object, const std::vector<std::string>& items,
                 const char* domain);

// Whether the driver can make files with such pixels.
bool driver_holds(GDALDriverH driver, PixelType type);

// "PIXELTYPE=SIGNEDBYTE" where the driver must be told; otherwise null.
const char* pixel_type_option(PixelType type);

}  // namespace sectile::internal
