#include "src/image/gdal/metadata.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "src/image/gdal/call.h"
#include "src/image/gdal/classes.h"
#include "src/image/gdal/types.h"
#include "src/image/moved_image.h"

namespace sectile::internal {

namespace {

// XMP is how cameras and programs for photographs say what they know.
constexpr std::array<const char*, 5> kDomains{"", "IMAGERY", "EXIF", "COLOR_PROFILE", "xml:XMP"};

// Of all pixels, or of the file that they were in.
constexpr std::array<std::string_view, 8> kOfTheFile{"STATISTICS_",
                                                     "SECTILE_APPROXIMATE=",
                                                     "TIFFTAG_SOFTWARE=",
                                                     "TIFFTAG_MINSAMPLEVALUE=",
                                                     "TIFFTAG_MAXSAMPLEVALUE=",
                                                     "EXIF_ColorSpace=",
                                                     "EXIF_Software=",
                                                     "COMPRESSION="};

// Programs for stacks keep in the description how many images a file holds.
constexpr std::array<std::string_view, 4> kOfStacks{"ImageJ=", "<?xml", "<OME", "{\"shape\""};

bool is_of_the_file(std::string_view item) {
  const auto begins = [](std::string_view text) {
    return [text](std::string_view beginning) { return text.starts_with(beginning); };
  };
  if (std::ranges::any_of(kOfTheFile, begins(item))) return true;
  constexpr std::string_view kDescription = "TIFFTAG_IMAGEDESCRIPTION=";
  if (!item.starts_with(kDescription)) return false;
  return std::ranges::any_of(kOfStacks, begins(item.substr(kDescription.size())));
}

std::vector<std::string> lasting_items(GDALMajorObjectH object, const char* domain) {
  std::vector<std::string> items = metadata_items(object, domain);
  std::erase_if(items, is_of_the_file);
  return items;
}

// "RGB ", "GRAY", "CMYK", ...: bytes 16 to 19 of a profile (ICC.1, 7.2).
std::string profile_space(std::string_view base64) {
  constexpr std::size_t kBegin = 16;
  constexpr std::size_t kSize = 4;
  std::string text(base64.substr(0, 32));  // the first 24 bytes
  if (text.size() < 32) return {};
  const int bytes = CPLBase64DecodeInPlace(reinterpret_cast<GByte*>(text.data()));
  return bytes < static_cast<int>(kBegin + kSize) ? "" : text.substr(kBegin, kSize);
}

// GDAL turns CMYK into RGB and leaves the profile.
bool is_of_other_colors(const MetadataDomain& domain, const Metadata& metadata) {
  if (domain.name != "COLOR_PROFILE") return false;
  constexpr std::string_view kKey = "SOURCE_ICC_PROFILE=";
  const std::string colors = color_space_of(metadata);
  if (colors.empty()) return true;
  return std::ranges::any_of(domain.items, [&](std::string_view item) {
    return item.starts_with(kKey) && profile_space(item.substr(kKey.size())) != colors;
  });
}

std::optional<double> number(double (*get)(GDALRasterBandH, int*), GDALRasterBandH band) {
  int has_it = FALSE;
  const double value = get(band, &has_it);
  return has_it != FALSE ? std::optional(value) : std::nullopt;
}

BandInfo read_band(GDALRasterBandH band) {
  BandInfo info;
  const GDALColorInterp color = GDALGetRasterColorInterpretation(band);
  const bool has_meaning = color != GCI_Undefined && color != GCI_PaletteIndex;
  if (has_meaning) info.meaning = GDALGetColorInterpretationName(color);
  info.description = GDALGetDescription(band);
  info.unit = GDALGetRasterUnitType(band);
  info.scale = number(GDALGetRasterScale, band);
  info.offset = number(GDALGetRasterOffset, band);
  info.items = lasting_items(band, nullptr);
  return info;
}

void write_band(GDALRasterBandH band, const BandInfo& info) {
  if (!info.description.empty()) GDALSetDescription(band, info.description.c_str());
  if (!info.unit.empty()) GDALSetRasterUnitType(band, info.unit.c_str());
  if (info.scale) GDALSetRasterScale(band, *info.scale);
  if (info.offset) GDALSetRasterOffset(band, *info.offset);
  write_items(band, info.items, nullptr);
}

void write_meanings(GDALDatasetH dataset, const ImageInfo& info) {
  int number = 1;
  for (const BandInfo& band : info.metadata.bands) {
    const GDALRasterBandH to = GDALGetRasterBand(dataset, number++);
    const GDALColorInterp color = GDALGetColorInterpretationByName(band.meaning.c_str());
    // One band of a TIFF is grey, whatever it means.
    if (info.bands == 1 && color == GCI_Undefined) continue;
    if (GDALGetRasterColorInterpretation(to) != color) GDALSetRasterColorInterpretation(to, color);
  }
}

// Of TIFF files, and those that are copied from one. Other drivers would write a second file.
bool holds_metadata(const OutputFormat& format) { return format.name == "GTiff" || !format.direct; }

Status written(const GdalCall& call, const std::string& path) {
  if (!call.failed()) return {};
  return fail(ErrorCode::io,
              fmt::format("[create_image] cannot write the metadata: {}: {}", call.reason(), path));
}

}  // namespace

Metadata read_metadata(GDALDatasetH dataset) {
  Metadata metadata;
  for (int band = 1; band <= GDALGetRasterCount(dataset); ++band) {
    metadata.bands.push_back(read_band(GDALGetRasterBand(dataset, band)));
  }
  for (const char* name : kDomains) {
    MetadataDomain domain{name, lasting_items(dataset, name)};
    if (domain.items.empty() || is_of_other_colors(domain, metadata)) continue;
    metadata.domains.push_back(std::move(domain));
  }
  return metadata;
}

Status write_metadata(GDALDatasetH dataset, const ImageInfo& info, const OutputFormat& format,
                      const std::string& path) {
  const GdalCall call;
  write_classes(dataset, info);
  if (!holds_metadata(format)) return written(call, path);
  if (!format.callers_colors) write_meanings(dataset, info);
  for (std::size_t i = 0; i < info.metadata.bands.size(); ++i) {
    write_band(GDALGetRasterBand(dataset, static_cast<int>(i) + 1), info.metadata.bands[i]);
  }
  for (const MetadataDomain& domain : info.metadata.domains) {
    std::vector<std::string> items = domain.items;
    // Only JPEG has a tag of it that GDAL writes; a note that no program sees would not turn it.
    if (format.name != "JPEG") {
      std::erase_if(items, [](const auto& item) { return item.starts_with("EXIF_Orientation="); });
    }
    write_items(dataset, items, domain.name.c_str());
  }
  return written(call, path);
}

bool says_colors(const CPLStringList& options) {
  return options.FetchNameValue("PHOTOMETRIC") != nullptr ||
         options.FetchNameValue("ALPHA") != nullptr;
}

void choose_photometric(const ImageInfo& info, CPLStringList& options) {
  if (says_colors(options)) return;
  const auto& bands = info.metadata.bands;
  const bool is_known = !bands.empty();
  const bool is_rgb = is_known ? color_space_of(info.metadata) == "RGB "
                               : info.bands == 3 && (info.pixel_type == PixelType::u8 ||
                                                     info.pixel_type == PixelType::u16);
  options.SetNameValue("PHOTOMETRIC", is_rgb ? "RGB" : "MINISBLACK");
  const std::size_t next = is_rgb ? 3 : 1;
  const bool has_alpha = bands.size() > next && bands[next].meaning == "Alpha";
  options.SetNameValue("ALPHA", has_alpha ? "YES" : "NO");
}

std::string invented_alpha(const ImageInfo& info, const std::string& driver) {
  if (driver != "PNG" && driver != "WEBP") return {};
  if (info.metadata.bands.empty() || (info.bands != 2 && info.bands != 4)) return {};
  if (info.metadata.bands.back().meaning == "Alpha") return {};
  return fmt::format("{} would take band {} for alpha, of {}: write a TIFF, or take other bands",
                     driver, info.bands, band_names(info.metadata, info.bands));
}

}  // namespace sectile::internal
