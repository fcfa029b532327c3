#include "src/image/gdal/read_back.h"

#include <gdal.h>

#include <algorithm>
#include <vector>

#include "src/base/integers.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/classes.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t least_rows = 16;

// What is read at once: whole blocks, whose columns begin where pieces of the sums do.
Size window_of(GDALDatasetH dataset, Size image) {
  const Size block = block_of(GDALGetRasterBand(dataset, 1));
  return {std::min(round_up(std::max(block.height, least_rows), block.height), image.height),
          std::min(round_up(block.width, PixelSums::kPieceWidth), image.width)};
}

bool read_window(GDALDatasetH dataset, const Rect& rect, const ImageInfo& info,
                 std::span<std::byte> out) {
  const auto width = static_cast<int>(rect.x.size());
  const auto height = static_cast<int>(rect.y.size());
  return GDALDatasetRasterIOEx(dataset, GF_Read, static_cast<int>(rect.x.begin),
                               static_cast<int>(rect.y.begin), width, height, out.data(), width,
                               height, to_gdal(info.pixel_type), info.bands, nullptr, 0, 0, 0,
                               nullptr) == CE_None;
}

void add_window(const Rect& rect, const ImageInfo& info, std::span<const std::byte> pixels,
                PixelSums& sums) {
  const auto row_bytes = static_cast<std::size_t>(rect.x.size() * bytes_per_pixel(info.pixel_type));
  for (int band = 0; band < info.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      sums.add(band, y, rect.x.begin, pixels.first(row_bytes));
      pixels = pixels.subspan(row_bytes);
    }
  }
}

std::optional<std::string> add_all(GDALDatasetH dataset, Size window, const ImageInfo& info,
                                   PixelSums& sums) {
  std::vector<std::byte> pixels;
  for (std::int64_t y = 0; y < info.size.height; y += window.height) {
    for (std::int64_t x = 0; x < info.size.width; x += window.width) {
      const GdalCall call;
      const Rect rect =
          Rect{{y, y + window.height}, {x, x + window.width}}.intersect(Rect::of(info.size));
      pixels.resize(
          static_cast<std::size_t>(rect.area() * info.bands * bytes_per_pixel(info.pixel_type)));
      if (!read_window(dataset, rect, info, pixels) || call.failed() || call.warned()) {
        return call.reason();
      }
      add_window(rect, info, pixels, sums);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_back(const std::string& file, const ImageInfo& info,
                                     const PixelSums& written, bool loses_detail,
                                     const HostOptions& host) {
  const GdalCall call;
  const Dataset dataset(
      GDALOpenEx(file.c_str(), GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, nullptr, nullptr, nullptr));
  if (!dataset) return "it cannot be opened: " + call.reason();
  if (auto difference = difference_from(dataset.get(), info)) return difference;
  if (auto missing = missing_classes(dataset.get(), info)) return missing;
  const Size window = window_of(dataset.get(), info.size);
  const BlockCacheShare cache(window.area() * info.bands * bytes_per_pixel(info.pixel_type),
                              host.limit_gdal_cache);
  PixelSums found(info, loses_detail);
  if (auto reason = add_all(dataset.get(), window, info, found)) return reason;
  if (found.same_pixels(written)) return std::nullopt;
  if (loses_detail && written.similar_pixels(found)) return std::nullopt;
  return "its pixels are not those that were written";
}

}  // namespace sectile::internal
