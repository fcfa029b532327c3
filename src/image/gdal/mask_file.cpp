// read_mask_file: a region of interest, from an image or from polygons.
#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sectile/image_files.h"
#include "sectile/mask.h"
#include "src/base/catch_exceptions.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/geo.h"
#include "src/image/gdal/types.h"

namespace sectile {

using namespace internal;

namespace {

using Transform = std::array<double, 6>;

std::unexpected<Error> refuse(const std::string& what, const std::string& path,
                              ErrorCode code = ErrorCode::invalid_argument) {
  return fail(code, fmt::format("[mask] {}: {}", what, path));
}

// Columns and rows, where the image lies nowhere.
Transform transform_of(const ImageInfo& image) {
  return image.geo.transform.value_or(Transform{0, 1, 0, 0, 0, 1});
}

// Where one of them is not known, nothing can be said against it.
bool same_crs(OGRSpatialReferenceH own, const std::string& wkt) {
  const Crs other = crs_of(wkt);
  return own == nullptr || other == nullptr || OSRIsSame(own, other.get()) != FALSE;
}

// To a hundredth of a pixel at each corner.
bool same_place(const Transform& a, const Transform& b, Size size) {
  constexpr double kMostPx = 0.01;
  const double pixel = std::max(std::hypot(a[1], a[4]), std::hypot(a[2], a[5]));
  for (const std::int64_t column : {std::int64_t{0}, size.width}) {
    for (const std::int64_t row : {std::int64_t{0}, size.height}) {
      const auto x = static_cast<double>(column);
      const auto y = static_cast<double>(row);
      const double dx = (a[0] - b[0]) + (a[1] - b[1]) * x + (a[2] - b[2]) * y;
      const double dy = (a[3] - b[3]) + (a[4] - b[4]) * x + (a[5] - b[5]) * y;
      if (std::hypot(dx, dy) > kMostPx * pixel) return false;
    }
  }
  return true;
}

constexpr const char* kReproject = "--mask-reproject brings it to the input's";

Status check_raster(GDALDatasetH mask, const ImageInfo& image, const std::string& path) {
  if (!same_crs(GDALGetSpatialRef(mask), image.geo.crs_wkt)) {
    return refuse(
        fmt::format("the mask has another reference system than the input ({})", kReproject), path);
  }
  const Size size{GDALGetRasterYSize(mask), GDALGetRasterXSize(mask)};
  if (size != image.size) {
    return refuse(fmt::format("the mask has {} pixels and the input {}", to_string(size),
                              to_string(image.size)),
                  path);
  }
  Transform own{};
  const bool lies_somewhere = GDALGetGeoTransform(mask, own.data()) == CE_None;
  if (!lies_somewhere || !image.geo.transform || same_place(own, *image.geo.transform, size)) {
    return {};
  }
  return refuse(fmt::format("the mask lies at another place than the input ({})", kReproject),
                path);
}

// The mask on the image's own pixels.
Result<Dataset> warped(GDALDatasetH mask, const ImageInfo& image, const std::string& path) {
  if (!image.geo.transform || image.geo.crs_wkt.empty()) {
    return refuse("the input lies nowhere on Earth, so that no mask can be brought to its place",
                  path);
  }
  const auto& [x0, dx, rx, y0, ry, dy] = *image.geo.transform;
  if (rx != 0 || ry != 0 || dx <= 0 || dy >= 0) {
    return refuse("the input's rows do not run east, so that no mask can be brought to its pixels",
                  path);
  }
  const auto width = static_cast<double>(image.size.width);
  const auto height = static_cast<double>(image.size.height);
  CPLStringList words;
  for (const std::string& word :
       {std::string("-of"), std::string("VRT"), std::string("-r"), std::string("near"),
        std::string("-t_srs"), image.geo.crs_wkt, std::string("-te"), fmt::format("{}", x0),
        fmt::format("{}", y0 + dy * height), fmt::format("{}", x0 + dx * width),
        fmt::format("{}", y0), std::string("-ts"), fmt::format("{}", image.size.width),
        fmt::format("{}", image.size.height), std::string("-dstnodata"), std::string("0")}) {
    words.AddString(word.c_str());
  }
  const GdalCall call;
  const std::unique_ptr<GDALWarpAppOptions, decltype(&GDALWarpAppOptionsFree)> options(
      GDALWarpAppOptionsNew(words.List(), nullptr), &GDALWarpAppOptionsFree);
  int usage_error = FALSE;
  Dataset made(GDALWarp("", nullptr, 1, &mask, options.get(), &usage_error));
  if (!made || call.failed()) return refuse(call.reason(), path, ErrorCode::io);
  return made;
}

// Of interest: not 0, and no nodata of the mask's own. Some rows at a time: whole blocks, where
// those are few rows.
Result<Mask> read_raster(GDALDatasetH dataset, const std::string& path) {
  constexpr std::int64_t kMostBytes = std::int64_t{2} << 20;
  constexpr std::int64_t kPixelBytes = sizeof(double) + 1;
  const int width = GDALGetRasterXSize(dataset);
  const int height = GDALGetRasterYSize(dataset);
  const GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
  const auto rows_at_once = static_cast<int>(std::clamp<std::int64_t>(
      block_of(band).height, 1, std::max<std::int64_t>(1, kMostBytes / (width * kPixelBytes))));
  std::vector<double> values;
  std::vector<std::uint8_t> valid;
  MaskBuilder builder(width);
  const GdalCall call;
  for (int y = 0; y < height; y += rows_at_once) {
    const int rows = std::min(rows_at_once, height - y);
    values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
    valid.resize(values.size());
    const auto read = [&](GDALRasterBandH from, void* to, GDALDataType type) {
      return GDALRasterIO(from, GF_Read, 0, y, width, rows, to, width, rows, type, 0, 0) == CE_None;
    };
    if (!read(band, values.data(), GDT_Float64) ||
        !read(GDALGetMaskBand(band), valid.data(), GDT_Byte) || call.failed()) {
      return refuse(call.reason(), path, ErrorCode::io);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool is_of_interest = valid[i] != 0 && values[i] != 0 && !std::isnan(values[i]);
      valid[i] = is_of_interest ? Mask::kData : 0;
    }
    for (std::size_t row = 0; row < valid.size(); row += static_cast<std::size_t>(width)) {
      builder.add_row(std::span(valid).subspan(row, static_cast<std::size_t>(width)));
    }
  }
  return builder.finish();
}

// From the image's coordinates to its columns, and to its rows from `first_row` on.
struct ToPixels {
  Transform inverse;
  double first_row = 0;

  static int apply(void* self, int /*to_shapes*/, int count, double* x, double* y, double* /*z*/,
                   int* went_well) {
    const auto& [inverse, first_row] = *static_cast<const ToPixels*>(self);
    for (int i = 0; i < count; ++i) {
      double column = 0;
      double row = 0;
      GDALApplyGeoTransform(const_cast<double*>(inverse.data()), x[i], y[i], &column, &row);
      x[i] = column;
      y[i] = row - first_row;
      went_well[i] = TRUE;
    }
    return TRUE;
  }
};

Dataset rows_in_memory(const ImageInfo& image, std::int64_t first_row, std::int64_t rows) {
  Dataset made(GDALCreate(GDALGetDriverByName("MEM"), "", static_cast<int>(image.size.width),
                          static_cast<int>(rows), 1, GDT_Byte, nullptr));
  if (!made) return made;
  Transform transform = transform_of(image);
  const auto down = static_cast<double>(first_row);
  transform[0] += transform[2] * down;
  transform[3] += transform[5] * down;
  GDALSetGeoTransform(made.get(), transform.data());
  if (const Crs crs = crs_of(image.geo.crs_wkt)) GDALSetSpatialRef(made.get(), crs.get());
  return made;
}

// A pixel is of interest when its middle lies in a polygon.
Result<Mask> rasterize(std::vector<OGRLayerH> layers, const ImageInfo& image, bool reproject,
                       const std::string& path) {
  constexpr std::int64_t kMostBytes = std::int64_t{2} << 20;
  const Size size = image.size;
  const std::int64_t rows_at_once =
      std::clamp(kMostBytes / size.width, std::int64_t{1}, size.height);
  ToPixels to_pixels;
  Transform transform = transform_of(image);
  if (GDALInvGeoTransform(transform.data(), to_pixels.inverse.data()) == FALSE) {
    return refuse("the input's georeference cannot be inverted", path);
  }
  const std::vector<double> burnt(layers.size(), Mask::kData);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(size.width));
  MaskBuilder builder(size.width);
  const GdalCall call;
  for (std::int64_t y = 0; y < size.height; y += rows_at_once) {
    const std::int64_t rows = std::min(rows_at_once, size.height - y);
    const Dataset strip = rows_in_memory(image, y, rows);
    to_pixels.first_row = static_cast<double>(y);
    int band = 1;
    if (!strip || GDALRasterizeLayers(
                      strip.get(), 1, &band, static_cast<int>(layers.size()), layers.data(),
                      reproject ? nullptr : &ToPixels::apply, reproject ? nullptr : &to_pixels,
                      const_cast<double*>(burnt.data()), nullptr, nullptr, nullptr) != CE_None) {
      return refuse(call.reason(), path, ErrorCode::io);
    }
    for (int i = 0; i < rows; ++i) {
      const auto width = static_cast<int>(size.width);
      const CPLErr error = GDALRasterIO(GDALGetRasterBand(strip.get(), 1), GF_Read, 0, i, width, 1,
                                        row.data(), width, 1, GDT_Byte, 0, 0);
      if (error != CE_None) return refuse(call.reason(), path, ErrorCode::io);
      builder.add_row(row);
    }
  }
  return builder.finish();
}

Result<Mask> read_shapes(GDALDatasetH shapes, const ImageInfo& image, bool reproject,
                         const std::string& path) {
  std::vector<OGRLayerH> layers;
  bool fits = true;
  for (int i = 0; i < GDALDatasetGetLayerCount(shapes); ++i) {
    layers.push_back(GDALDatasetGetLayer(shapes, i));
    fits = fits && same_crs(OGR_L_GetSpatialRef(layers.back()), image.geo.crs_wkt);
  }
  if (layers.empty()) return refuse("the mask has no shapes", path);
  if (!fits && !reproject) {
    return refuse(
        fmt::format("the mask has another reference system than the input ({})", kReproject), path);
  }
  return rasterize(std::move(layers), image, !fits, path);
}

Result<Mask> read_any(const std::string& path, const ImageInfo& image, bool reproject) {
  register_formats();
  const GdalCall call;
  const Dataset raster(GDALOpenEx(path.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!raster) {
    const Dataset shapes(GDALOpenEx(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, nullptr,
                                    nullptr, nullptr));
    if (!shapes) return refuse(call.reason(), path, ErrorCode::io);
    return read_shapes(shapes.get(), image, reproject, path);
  }
  const auto status = check_raster(raster.get(), image, path);
  if (status) return read_raster(raster.get(), path);
  if (!reproject) return fail(status.error());
  const auto there = warped(raster.get(), image, path);
  if (!there) return fail(there.error());
  return read_raster(there->get(), path);
}

}  // namespace

Result<std::shared_ptr<const Mask>> read_mask_file(const std::string& path, const ImageInfo& image,
                                                   bool reproject) {
  return catch_exceptions("[mask]", [&]() -> Result<std::shared_ptr<const Mask>> {
    auto mask = read_any(path, image, reproject);
    if (!mask) return fail(mask.error());
    return std::make_shared<const Mask>(std::move(*mask));
  });
}

}  // namespace sectile
