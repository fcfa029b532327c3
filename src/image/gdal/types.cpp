#include "src/image/gdal/types.h"

#include <cpl_string.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sectile::internal {

namespace {

#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 7, 0)
constexpr bool has_signed_bytes = true;
constexpr GDALDataType signed_byte = GDT_Int8;
#else
constexpr bool has_signed_bytes = false;
constexpr GDALDataType signed_byte = GDT_Byte;
#endif

bool has_word(const char* words, const char* word) {
  const CPLStringList list(CSLTokenizeString(words));
  return list.FindString(word) >= 0;
}

std::optional<PixelType> from_gdal(GDALDataType type) {
  for (const PixelType ours : {PixelType::u8, PixelType::u16, PixelType::i16, PixelType::u32,
                               PixelType::i32, PixelType::f32, PixelType::f64}) {
    if (to_gdal(ours) == type) return ours;
  }
  if (has_signed_bytes && type == signed_byte) return PixelType::i8;
  return std::nullopt;
}

bool all_signed_bytes(GDALDatasetH dataset) {
  for (int band = 1; band <= GDALGetRasterCount(dataset); ++band) {
    if (!gives_signed_bytes_as_unsigned(GDALGetRasterBand(dataset, band))) return false;
  }
  return true;
}

std::string type_name(GDALRasterBandH band) {
  if (gives_signed_bytes_as_unsigned(band)) return to_string(PixelType::i8);
  const GDALDataType type = GDALGetRasterDataType(band);
  const auto ours = from_gdal(type);
  return ours ? to_string(*ours) : GDALGetDataTypeName(type);
}

}  // namespace

GDALDataType to_gdal(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return GDT_Byte;
    case PixelType::i8:
      return signed_byte;
    case PixelType::u16:
      return GDT_UInt16;
    case PixelType::i16:
      return GDT_Int16;
    case PixelType::u32:
      return GDT_UInt32;
    case PixelType::i32:
      return GDT_Int32;
    case PixelType::f32:
      return GDT_Float32;
    case PixelType::f64:
      return GDT_Float64;
  }
  return GDT_Unknown;
}

std::optional<PixelType> pixel_type_of(GDALDatasetH dataset) {
  if (all_signed_bytes(dataset)) return PixelType::i8;
  GDALDataType all = GDT_Unknown;
  for (int number = 1; number <= GDALGetRasterCount(dataset); ++number) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    const GDALDataType own =
        gives_signed_bytes_as_unsigned(band) ? GDT_Int16 : GDALGetRasterDataType(band);
    all = number == 1 ? own : GDALDataTypeUnion(all, own);
  }
  return from_gdal(all);
}

bool gives_signed_bytes_as_unsigned(GDALRasterBandH band) {
  if (GDALGetRasterDataType(band) != GDT_Byte) return false;
  const char* note = GDALGetMetadataItem(band, "PIXELTYPE", "IMAGE_STRUCTURE");
  return note != nullptr && EQUAL(note, "SIGNEDBYTE");
}

Size block_of(GDALRasterBandH band) {
  int width = 0;
  int height = 0;
  GDALGetBlockSize(band, &width, &height);
  return {std::max(height, 1), std::max(width, 1)};
}

std::optional<std::string> difference_from(GDALDatasetH dataset, const ImageInfo& info) {
  const Size size{GDALGetRasterYSize(dataset), GDALGetRasterXSize(dataset)};
  if (size != info.size) {
    return fmt::format("it has {} pixels, not {}", to_string(size), to_string(info.size));
  }
  const int bands = GDALGetRasterCount(dataset);
  if (bands != info.bands) {
    return fmt::format("its number of bands is {}, not {}", bands, info.bands);
  }
  const Size first_block = block_of(GDALGetRasterBand(dataset, 1));
  for (int number = 1; number <= bands; ++number) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    const std::string type = type_name(band);
    if (type != to_string(info.pixel_type)) {
      return fmt::format("band {} has {} pixels, not {}", number, type, to_string(info.pixel_type));
    }
    if (const Size block = block_of(band); block != first_block) {
      return fmt::format("band {} has blocks of {}, and band 1 of {}", number, to_string(block),
                         to_string(first_block));
    }
  }
  return std::nullopt;
}

std::string_view metadata_text(GDALMajorObjectH object, const char* key, const char* domain) {
  const char* text = GDALGetMetadataItem(object, key, domain);
  return text == nullptr ? std::string_view{} : text;
}

std::vector<std::string> metadata_items(GDALMajorObjectH object, const char* domain) {
  std::vector<std::string> items;
  for (char** item = GDALGetMetadata(object, domain); item != nullptr && *item != nullptr; ++item) {
    items.emplace_back(*item);
  }
  return items;
}

void write_items(GDALMajorObjectH object, const std::vector<std::string>& items,
                 const char* domain) {
  if (items.empty()) return;
  CPLStringList list;
  for (const std::string& item : items) list.AddString(item.c_str());
  GDALSetMetadata(object, list.List(), domain);
}

bool driver_holds(GDALDriverH driver, PixelType type) {
  if (pixel_type_option(type) != nullptr) {
    // A driver without Create copies from a file whose note it does not read.
    const bool told = metadata_text(driver, GDAL_DMD_CREATIONOPTIONLIST).contains("SIGNEDBYTE");
    return told && !metadata_text(driver, GDAL_DCAP_CREATE).empty();
  }
  const char* words = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONDATATYPES, nullptr);
  return words == nullptr || has_word(words, GDALGetDataTypeName(to_gdal(type)));
}

const char* pixel_type_option(PixelType type) {
  return type == PixelType::i8 && !has_signed_bytes ? "PIXELTYPE=SIGNEDBYTE" : nullptr;
}

}  // namespace sectile::internal
