#include "src/image/gdal/bit_depth.h"

#include <cpl_vsi.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

constexpr const char* kBits = "NBITS";

// 0 when the text says nothing of integers of fewer bits.
int fewer_bits(std::string_view text, PixelType type) {
  int bits = 0;
  std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool is_integer = type != PixelType::f32 && type != PixelType::f64;
  const auto all = static_cast<int>(8 * bytes_per_pixel(type));
  return is_integer && bits > 0 && bits < all ? bits : 0;
}

// Which bits a driver can hold of which type is written nowhere: it is tried on an image of 16x16.
bool holds_bits(const OutputFormat& format, const ImageInfo& info, int bits) {
  constexpr int kSide = 16;
  const GdalCall call;
  const Dataset black(GDALCreate(GDALGetDriverByName("MEM"), "", kSide, kSide, info.bands,
                                 to_gdal(info.pixel_type), nullptr));
  const std::string folder =
      fmt::format("/vsimem/sectile-bits-{}", static_cast<void*>(black.get()));
  CPLStringList options(format.options);
  options.SetNameValue(kBits, fmt::format("{}", bits).c_str());
  Dataset file(GDALCreateCopy(format.driver, (folder + "/trial").c_str(), black.get(), FALSE,
                              options.List(), nullptr, nullptr));
  file.reset();
  file.reset(GDALOpenEx((folder + "/trial").c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  const bool holds = file != nullptr && bits_of(file.get(), info.pixel_type) == bits;
  file.reset();
  VSIRmdirRecursive(folder.c_str());
  return holds;
}

}  // namespace

int bits_of(GDALDatasetH dataset, PixelType type) {
  int most = 0;
  for (int number = 1; number <= GDALGetRasterCount(dataset); ++number) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    const int bits = fewer_bits(metadata_text(band, kBits, "IMAGE_STRUCTURE"), type);
    if (bits == 0 || GDALGetRasterDataType(band) != to_gdal(type)) return 0;
    most = std::max(most, bits);
  }
  return most;
}

int choose_bits(const ImageInfo& info, OutputFormat& format) {
  const char* asked = format.options.FetchNameValue(kBits);
  if (asked != nullptr) return fewer_bits(asked, info.pixel_type);
  const bool knows_bits = metadata_text(format.driver, GDAL_DMD_CREATIONOPTIONLIST).contains(kBits);
  if (info.bits == 0 || !knows_bits || !holds_bits(format, info, info.bits)) return 0;
  format.options.SetNameValue(kBits, fmt::format("{}", info.bits).c_str());
  return info.bits;
}

}  // namespace sectile::internal
