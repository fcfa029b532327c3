#include "src/image/gdal/classes.h"

#include <cpl_string.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace sectile::internal {

namespace {

using Classes = std::vector<ClassInfo>;
using ColorTable = std::unique_ptr<void, decltype(&GDALDestroyColorTable)>;

constexpr short kOpaque = 255;

bool has_names(const Classes& classes) {
  return std::ranges::any_of(classes, [](const ClassInfo& one) { return !one.name.empty(); });
}
bool has_colors(const Classes& classes) {
  return std::ranges::any_of(classes, [](const ClassInfo& one) { return one.color.has_value(); });
}

GDALColorEntry entry_of(const ClassInfo& one) {
  const auto [red, green, blue] = one.color.value_or(std::array<std::uint8_t, 3>{});
  return {red, green, blue, kOpaque};
}

bool same(const GDALColorEntry& a, const GDALColorEntry& b) {
  return a.c1 == b.c1 && a.c2 == b.c2 && a.c3 == b.c3 && a.c4 == b.c4;
}

void write_colors(GDALRasterBandH band, const Classes& classes) {
  const ColorTable table(GDALCreateColorTable(GPI_RGB), GDALDestroyColorTable);
  int number = 0;
  for (const ClassInfo& one : classes) {
    const GDALColorEntry entry = entry_of(one);
    GDALSetColorEntry(table.get(), number++, &entry);
  }
  GDALSetRasterColorTable(band, table.get());
}

void write_names(GDALRasterBandH band, const Classes& classes) {
  CPLStringList names;
  for (const ClassInfo& one : classes) names.AddString(one.name.c_str());
  GDALSetRasterCategoryNames(band, names.List());
}

bool holds_colors(GDALRasterBandH band, const Classes& classes) {
  const GDALColorTableH table = GDALGetRasterColorTable(band);
  if (table == nullptr || GDALGetColorEntryCount(table) < std::ssize(classes)) return false;
  int number = 0;
  return std::ranges::all_of(classes, [&](const ClassInfo& one) {
    return same(*GDALGetColorEntry(table, number++), entry_of(one));
  });
}

// GDAL opens the file beside a TIFF only when it is asked for something else than names.
bool holds_names(GDALRasterBandH band, const Classes& classes) {
  GDALGetRasterColorTable(band);
  char** names = GDALGetRasterCategoryNames(band);
  if (CSLCount(names) != std::ssize(classes)) return false;
  return std::ranges::all_of(classes, [&](const ClassInfo& one) { return one.name == *names++; });
}

}  // namespace

void write_classes(GDALDatasetH dataset, const ImageInfo& info) {
  int number = 1;
  for (const BandInfo& one : info.metadata.bands) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number++);
    if (has_colors(one.classes)) write_colors(band, one.classes);
    if (has_names(one.classes)) write_names(band, one.classes);
  }
}

bool has_class_names(const ImageInfo& info) {
  return std::ranges::any_of(info.metadata.bands, has_names, &BandInfo::classes);
}

std::optional<std::string> missing_classes(GDALDatasetH dataset, const ImageInfo& info) {
  int number = 1;
  for (const BandInfo& one : info.metadata.bands) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    if (has_colors(one.classes) && !holds_colors(band, one.classes)) {
      return fmt::format("band {} has not the colours of the classes", number);
    }
    if (has_names(one.classes) && !holds_names(band, one.classes)) {
      return fmt::format("band {} has not the names of the classes", number);
    }
    ++number;
  }
  return std::nullopt;
}

}  // namespace sectile::internal
