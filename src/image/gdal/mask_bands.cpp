#include "src/image/gdal/mask_bands.h"

#include <algorithm>
#include <cmath>

#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"

namespace sectile::internal {

namespace {

bool is_unsigned(PixelType type) {
  return type == PixelType::u8 || type == PixelType::u16 || type == PixelType::u32;
}

// GDAL's own masks do not know of signed bytes that it hands out as unsigned ones.
bool has_signed_nodata(GDALRasterBandH band) {
  int has_it = FALSE;
  const double nodata = GDALGetRasterNoDataValue(band, &has_it);
  return has_it != FALSE && nodata < 0 && gives_signed_bytes_as_unsigned(band);
}

template <typename T>
bool read_band(GDALRasterBandH band, const Rect& rect, GDALDataType type, std::vector<T>& out) {
  const auto width = static_cast<int>(rect.x.size());
  const auto height = static_cast<int>(rect.y.size());
  out.resize(static_cast<std::size_t>(rect.area()));
  return GDALRasterIO(band, GF_Read, static_cast<int>(rect.x.begin), static_cast<int>(rect.y.begin),
                      width, height, out.data(), width, height, type, 0, 0) == CE_None;
}

bool read_signed_nodata(GDALRasterBandH band, const Rect& rect, std::vector<std::uint8_t>& out) {
  constexpr int kByteValues = 256;
  const int nodata = static_cast<int>(GDALGetRasterNoDataValue(band, nullptr)) + kByteValues;
  if (!read_band(band, rect, GDT_Byte, out)) return false;
  std::ranges::transform(out, out.begin(), [nodata](std::uint8_t value) {
    return static_cast<std::uint8_t>(value == nodata ? 0 : 255);
  });
  return true;
}

// 255 where the band has data.
bool read_band_mask(GDALRasterBandH band, const Rect& rect, std::vector<std::uint8_t>& out) {
  if (has_signed_nodata(band)) return read_signed_nodata(band, rect, out);
  return read_band(GDALGetMaskBand(band), rect, GDT_Byte, out);
}

// A byte of alpha: what is not quite transparent is never 0.
bool read_alpha(GDALRasterBandH band, const Rect& rect, std::vector<std::uint8_t>& out) {
  std::vector<float> values;
  if (!read_band(band, rect, GDT_Float32, values)) return false;
  const bool is_u16 = GDALGetRasterDataType(band) == GDT_UInt16;
  const bool is_byte = GDALGetRasterDataType(band) == GDT_Byte;
  out.resize(values.size());
  std::ranges::transform(values, out.begin(), [&](float value) {
    if (!(value > 0)) return std::uint8_t{0};
    if (!is_u16 && !is_byte) return std::uint8_t{255};
    const float byte = is_u16 ? std::max(1.0F, std::round(value / 257.0F)) : value;
    return static_cast<std::uint8_t>(byte);
  });
  return true;
}

void take_least(std::span<std::uint8_t> out, const std::vector<std::uint8_t>& other) {
  std::ranges::transform(out, other, out.begin(),
                         [](std::uint8_t a, std::uint8_t b) { return std::min(a, b); });
}
void take_most(std::vector<std::uint8_t>& out, const std::vector<std::uint8_t>& other) {
  std::ranges::transform(out, other, out.begin(),
                         [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); });
}

}  // namespace

MaskBands::MaskBands(GDALDatasetH dataset, const std::vector<int>& bands, PixelType type)
    : needs_all_(is_unsigned(type)) {
  bool is_of_dataset = false;
  for (const int number : bands) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    const int flags = GDALGetMaskFlags(band);
    if ((flags & GMF_NODATA) != 0 || has_signed_nodata(band)) {
      with_nodata_.push_back(number);
    } else if (flags == GMF_PER_DATASET) {
      is_of_dataset = true;
      with_own_mask_ = {number};
    } else if ((flags & (GMF_ALL_VALID | GMF_ALPHA)) == 0 && !is_of_dataset) {
      with_own_mask_.push_back(number);
    }
  }
  if (with_nodata_.size() < bands.size() && needs_all_) with_nodata_.clear();
  for (int number = 1; number <= GDALGetRasterCount(dataset); ++number) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    const bool is_alpha = GDALGetRasterColorInterpretation(band) == GCI_AlphaBand;
    if (is_alpha && std::ranges::count(bands, number) == 0) alpha_ = number;
  }
}

MaskKind MaskBands::kind() const {
  if (!with_own_mask_.empty()) return MaskKind::band;
  if (alpha_ != 0) return MaskKind::alpha;
  return with_nodata_.empty() ? MaskKind::none : MaskKind::nodata;
}

std::optional<std::string> MaskBands::read(GDALDatasetH dataset, const Rect& rect,
                                           std::span<std::uint8_t> out) const {
  const GdalCall call;
  std::vector<std::uint8_t> all;
  std::vector<std::uint8_t> one;
  bool went_well = true;
  for (const int number : with_nodata_) {
    went_well = went_well && read_band_mask(GDALGetRasterBand(dataset, number), rect, one);
    if (!needs_all_) take_least(out, one);
    if (all.empty()) all = one;
    take_most(all, one);
  }
  if (!all.empty()) take_least(out, all);  // 0 where all are
  for (const int number : with_own_mask_) {
    went_well = went_well && read_band_mask(GDALGetRasterBand(dataset, number), rect, one);
    take_least(out, one);
  }
  if (alpha_ != 0) {
    went_well = went_well && read_alpha(GDALGetRasterBand(dataset, alpha_), rect, one);
    take_least(out, one);
  }
  if (went_well && !call.failed() && !call.warned()) return std::nullopt;
  return call.reason();
}

}  // namespace sectile::internal
