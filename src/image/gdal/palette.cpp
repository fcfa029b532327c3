#include "src/image/gdal/palette.h"

#include <cpl_string.h>
#include <fmt/format.h>

#include <algorithm>

#include "src/image/gdal/types.h"

namespace sectile::internal {

namespace {

constexpr short kOpaque = 255;
constexpr int kAlpha = 3;

bool is(const GDALColorEntry& color, short level) {
  return color.c1 == level && color.c2 == level && color.c3 == level && color.c4 == kOpaque;
}

// GDAL makes a table for pixels of one bit, and where white is 0.
bool is_table_of_levels(GDALDatasetH dataset, GDALColorTableH table) {
  if (counts_from_white(dataset)) return true;
  const GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
  return metadata_text(band, "NBITS", "IMAGE_STRUCTURE") == "1" &&
         GDALGetColorEntryCount(table) == 2 && is(*GDALGetColorEntry(table, 0), 0) &&
         is(*GDALGetColorEntry(table, 1), kOpaque);
}

std::array<float, 4> color_at(GDALColorTableH table, int index) {
  const GDALColorEntry* entry = GDALGetColorEntry(table, index);
  const auto level = [](short value) { return static_cast<float>(value); };
  if (GDALGetPaletteInterpretation(table) == GPI_Gray) {
    return {level(entry->c1), level(entry->c1), level(entry->c1), kOpaque};
  }
  return {level(entry->c1), level(entry->c2), level(entry->c3), level(entry->c4)};
}

}  // namespace

bool counts_from_white(GDALDatasetH dataset) {
  const GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(dataset, 1));
  const bool has_levels = type == GDT_Byte || type == GDT_UInt16 || type == GDT_UInt32;
  return has_levels && metadata_text(dataset, "MINISWHITE", "IMAGE_STRUCTURE") == "YES";
}

Result<Palette> Palette::read(GDALDatasetH dataset, const std::string& path) {
  const GDALColorTableH table = GDALGetRasterColorTable(GDALGetRasterBand(dataset, 1));
  if (table == nullptr || GDALGetRasterCount(dataset) != 1) return Palette{};
  if (is_table_of_levels(dataset, table)) return Palette{};
  const GDALPaletteInterp kind = GDALGetPaletteInterpretation(table);
  if (kind != GPI_RGB && kind != GPI_Gray) {
    return fail(ErrorCode::unsupported,
                fmt::format("[open_image] the colour table is neither RGB nor grey but {}: {}",
                            GDALGetPaletteInterpretationName(kind), path));
  }
  Palette palette;
  for (int index = 0; index < GDALGetColorEntryCount(table); ++index) {
    palette.colors_.push_back(color_at(table, index));
  }
  const auto is_grey = [](const Color& color) {
    return color[0] == color[1] && color[1] == color[2];
  };
  const auto is_opaque = [](const Color& color) { return color[kAlpha] == kOpaque; };
  palette.components_ = {0, 1, 2};
  if (std::ranges::all_of(palette.colors_, is_grey)) palette.components_ = {0};
  if (!std::ranges::all_of(palette.colors_, is_opaque)) palette.components_.push_back(kAlpha);
  return palette;
}

std::vector<BandInfo> Palette::bands() const {
  static constexpr std::array<const char*, 4> kNames{"Red", "Green", "Blue", "Alpha"};
  std::vector<BandInfo> bands;
  for (const int component : components_) {
    bands.push_back({.meaning = kNames[static_cast<std::size_t>(component)]});
  }
  if (components_.size() < 3) bands[0].meaning = "Gray";
  return bands;
}

std::optional<std::size_t> Palette::replace(const std::vector<int>& bands,
                                            std::span<float> out) const {
  const std::size_t area = out.size() / bands.size();
  for (std::size_t i = 0; i < area; ++i) {
    const auto index = static_cast<std::size_t>(out[i]);
    if (index >= colors_.size()) return index;
    for (std::size_t band = 0; band < bands.size(); ++band) {
      const int component = components_[static_cast<std::size_t>(bands[band]) - 1];
      out[band * area + i] = colors_[index][static_cast<std::size_t>(component)];
    }
  }
  return std::nullopt;
}

}  // namespace sectile::internal
