#include "src/image/gdal/mask_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

bool holds_mask_band(const std::string& driver) { return driver == "GTiff" || driver == "COG"; }
bool holds_alpha(const std::string& driver) {
  return holds_mask_band(driver) || driver == "PNG" || driver == "WEBP";
}

// The image's own, where the file's pixels can have it: pixels come as f32. Formats other than TIFF
// do not all know that NaN is equal to nothing.
double nodata_of(const ImageInfo& info, const std::string& driver) {
  constexpr double kOfSurfer = 1.701410009187828e+38;  // of every such file
  if (driver == "GSBG") return kOfSurfer;
  if (info.labels) return maximum_of(info.pixel_type);  // never a class
  const double least = std::numeric_limits<float>::lowest();
  const double of_floats = holds_mask_band(driver) ? std::nan("") : least;
  const double otherwise = is_floating(info.pixel_type) ? of_floats : 0;
  if (!info.geo.nodata) return otherwise;
  const double own = *info.geo.nodata;
  const double rounded = static_cast<double>(static_cast<float>(own));
  if (is_floating(info.pixel_type)) return std::isfinite(rounded) ? rounded : otherwise;
  return can_hold(info.pixel_type, own) && rounded == own ? own : otherwise;
}

float value_beside(float nodata, float least) { return nodata == least ? nodata + 1 : nodata - 1; }

}  // namespace

ImageInfo as_in_file(const ImageInfo& info, const OutputFormat& format) {
  const std::string& driver = format.name;
  ImageInfo file = info;
  if (!info.mask) {
    file.mask_kind = MaskKind::none;
    return file;
  }
  if (file.mask_kind == MaskKind::band && !holds_mask_band(driver)) {
    file.mask_kind = MaskKind::nodata;
  }
  if (file.mask_kind == MaskKind::alpha && !holds_alpha(driver)) file.mask_kind = MaskKind::nodata;
  if (file.mask_kind == MaskKind::nodata && format.loses_detail) {
    file.mask_kind = holds_mask_band(driver) ? MaskKind::band : MaskKind::none;
  }
  file.geo.nodata.reset();
  if (file.mask_kind == MaskKind::nodata) {
    file.geo.nodata = nodata_of(info, driver);
    if (!is_floating(info.pixel_type) &&
        *file.geo.nodata > maximum_of(info.pixel_type, info.bits)) {
      file.bits = 0;
    }
  }
  if (file.mask_kind != MaskKind::alpha) return file;
  ++file.bands;
  file.metadata.bands.resize(static_cast<std::size_t>(file.bands));
  file.metadata.bands.back() = {.meaning = "Alpha"};
  return file;
}

MaskedPixels::MaskedPixels(const ImageInfo& file)
    : size_(file.size),
      bands_(file.bands),
      mask_(file.mask),
      most_(static_cast<float>(maximum_of(file.pixel_type, file.bits))),
      is_integer_(!is_floating(file.pixel_type)),
      row_(static_cast<std::size_t>(file.size.width)) {
  const bool is_signed = can_hold(file.pixel_type, -1);
  least_ = is_signed ? -most_ - 1 : 0;
  if (file.mask_kind == MaskKind::alpha) {
    --bands_;
    opaque_ = most_;
  }
  if (file.mask_kind != MaskKind::nodata) return;
  nodata_ = static_cast<float>(*file.geo.nodata);
  beside_ = is_integer_ ? value_beside(*nodata_, least_)
                        : std::nextafter(*nodata_, *nodata_ > 0 ? 0.0F : 1.0F);
}

// By the values that the file will have: rounded, and within its type.
void MaskedPixels::mark(std::span<float> values) const {
  for (std::size_t x = 0; x < values.size(); ++x) {
    float& value = values[x];
    if (row_[x] == 0) {
      value = *nodata_;
      continue;
    }
    const float number = std::isnan(value) ? 0 : value;
    const float held = is_integer_ ? std::round(std::clamp(number, least_, most_)) : value;
    if (held == *nodata_) value = beside_;
  }
}

std::span<const float> MaskedPixels::take(Range part, Range rows, std::span<const float> pixels) {
  const auto width = static_cast<std::size_t>(size_.width);
  const auto height = static_cast<std::size_t>(part.size());
  const auto bands = static_cast<std::size_t>(bands_);
  const auto skipped = static_cast<std::size_t>(part.begin - rows.begin);
  pixels_.resize((bands + (opaque_ ? 1 : 0)) * height * width);
  for (std::size_t band = 0; band < bands; ++band) {
    const std::size_t from = (band * static_cast<std::size_t>(rows.size()) + skipped) * width;
    std::ranges::copy(pixels.subspan(from, height * width),
                      pixels_.begin() + static_cast<std::ptrdiff_t>(band * height * width));
  }
  for (std::size_t y = 0; y < height; ++y) {
    mask_->read_row(part.begin + static_cast<std::int64_t>(y), {0, size_.width}, row_);
    const auto row_of = [&](std::size_t band) {
      return std::span(pixels_).subspan((band * height + y) * width, width);
    };
    for (std::size_t band = 0; nodata_ && band < bands; ++band) mark(row_of(band));
    if (!opaque_) continue;
    std::ranges::transform(row_, row_of(bands).begin(), [this](std::uint8_t alpha) {
      return *opaque_ * static_cast<float>(alpha) / static_cast<float>(Mask::kData);
    });
  }
  return pixels_;
}

std::optional<std::string> other_nodata(const std::string& file, const ImageInfo& info) {
  if (info.mask_kind != MaskKind::nodata) return std::nullopt;
  const GdalCall call;
  const Dataset dataset(GDALOpenEx(file.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!dataset) return call.reason();
  int has_it = FALSE;
  const double found = GDALGetRasterNoDataValue(GDALGetRasterBand(dataset.get(), 1), &has_it);
  const double wanted = *info.geo.nodata;
  const bool is_wanted = std::isnan(wanted)
                             ? std::isnan(found)
                             : static_cast<float>(found) == static_cast<float>(wanted);
  if (has_it == FALSE || is_wanted) return std::nullopt;
  return fmt::format("its nodata value is {}, and not {}", found, wanted);
}

namespace {

// Each is read or written at once: part of a compressed block costs all of it.
std::vector<Range> rows_of_blocks(GDALRasterBandH band) {
  const std::int64_t height = GDALGetRasterBandYSize(band);
  const std::int64_t block = block_of(band).height;
  std::vector<Range> all;
  for (std::int64_t y = 0; y < height; y += block) all.push_back({y, std::min(y + block, height)});
  return all;
}

bool transfer(GDALRasterBandH band, GDALRWFlag flag, Range rows,
              std::vector<std::uint8_t>& values) {
  const int width = GDALGetRasterBandXSize(band);
  const auto count = static_cast<int>(rows.size());
  return GDALRasterIO(band, flag, 0, static_cast<int>(rows.begin), width, count, values.data(),
                      width, count, GDT_Byte, 0, 0) == CE_None;
}

// 255 where there is data, 0 elsewhere.
std::vector<std::uint8_t> rows_of(const Mask& mask, Range rows) {
  const auto width = static_cast<std::size_t>(mask.size().width);
  std::vector<std::uint8_t> values(static_cast<std::size_t>(rows.size()) * width);
  for (std::int64_t y = rows.begin; y < rows.end; ++y) {
    mask.read_row(
        y, {0, mask.size().width},
        std::span(values).subspan(static_cast<std::size_t>(y - rows.begin) * width, width));
  }
  std::ranges::replace_if(values, [](std::uint8_t value) { return value != 0; }, Mask::kData);
  return values;
}

}  // namespace

std::optional<std::string> write_mask_band(GDALDatasetH dataset, const Mask& mask) {
  const GdalCall call;
  const GdalThreadOption inside("GDAL_TIFF_INTERNAL_MASK", "YES");
  if (GDALCreateDatasetMaskBand(dataset, GMF_PER_DATASET) != CE_None) return call.reason();
  const GDALRasterBandH band = GDALGetMaskBand(GDALGetRasterBand(dataset, 1));
  const bool is_written = std::ranges::all_of(rows_of_blocks(band), [&](Range rows) {
    auto values = rows_of(mask, rows);
    return transfer(band, GF_Write, rows, values);
  });
  if (is_written && !call.failed()) return std::nullopt;
  return call.reason();
}

bool has_mask_band(const std::string& file, const Mask& mask) {
  const GdalCall call;
  const Dataset dataset(GDALOpenEx(file.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!dataset) return false;
  const GDALRasterBandH first = GDALGetRasterBand(dataset.get(), 1);
  if (GDALGetMaskFlags(first) != GMF_PER_DATASET) return false;
  const GDALRasterBandH band = GDALGetMaskBand(first);
  const bool is_equal = std::ranges::all_of(rows_of_blocks(band), [&](Range rows) {
    const auto wanted = rows_of(mask, rows);
    std::vector<std::uint8_t> found(wanted.size());
    return transfer(band, GF_Read, rows, found) && found == wanted;
  });
  return is_equal && !call.failed();
}

}  // namespace sectile::internal
