// open_image: any raster that GDAL reads.
//
// The pixels are the file's own: an EXIF orientation is not applied, a mask is not applied, an
// alpha channel is one more band. Only a colour table is replaced by the colours it stands for,
// because indices mean nothing to a network.
//
// PNG, JPEG and other formats that decode from the top down keep their place between calls: a read
// that goes on below the last one decodes only the new rows. A read further up decodes from the
// first row again, unless the rows are still in GDAL's block cache.
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "sectile/image_files.h"
#include "src/base/catch_exceptions.h"
#include "src/base/integers.h"
#include "src/image/check_access.h"
#include "src/image/gdal/approximation.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/geo.h"
#include "src/image/gdal/types.h"
#include "src/image/held_memory.h"

namespace sectile {

using namespace internal;

namespace {

constexpr int rgb_bands = 3;
constexpr int rgba_bands = 4;
constexpr int opaque = 255;

using Color = std::array<float, rgba_bands>;

struct Palette {
  std::vector<Color> colors;  // empty: the image has none
  int bands = 0;              // 3, or 4 when a colour is transparent

  bool empty() const { return colors.empty(); }
};

class GdalSource final : public ImageSource {
 public:
  GdalSource(std::string path, BlockCacheShare cache, Dataset dataset, ImageInfo info,
             Palette palette)
      : path_(std::move(path)),
        cache_(std::move(cache)),
        dataset_(std::move(dataset)),
        info_(std::move(info)),
        palette_(std::move(palette)) {}

  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override;

 private:
  Status read_bands(const Rect& rect, int bands, std::span<float> out);
  Status read_colors(const Rect& rect, std::span<float> out);
  void restore_signs(int bands, std::span<float> out) const;
  Error damaged(const Rect& rect, const std::string& reason) const;

  std::string path_;
  BlockCacheShare cache_;
  Dataset dataset_;  // empty after a failed read: the next one opens the file again
  ImageInfo info_;
  Palette palette_;
};

Dataset open_dataset(const std::string& path) {
  return Dataset(GDALOpenEx(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                            nullptr, nullptr, nullptr));
}

// A decoder that only warns has filled the gap with pixels of its own making, so a warning is
// damage too. GDAL may have kept those pixels in its cache, and decoders are left in the middle of
// a row: hence the fresh start after a failure.
Status GdalSource::read_bands(const Rect& rect, int bands, std::span<float> out) {
  const GdalCall call;
  if (!dataset_) dataset_ = open_dataset(path_);
  if (!dataset_) return fail(damaged(rect, call.reason()));
  const auto width = static_cast<int>(rect.x.size());
  const auto height = static_cast<int>(rect.y.size());
  const GSpacing row_bytes = rect.x.size() * GSpacing{sizeof(float)};
  const CPLErr error = GDALDatasetRasterIOEx(
      dataset_.get(), GF_Read, static_cast<int>(rect.x.begin), static_cast<int>(rect.y.begin),
      width, height, out.data(), width, height, GDT_Float32, bands, nullptr, sizeof(float),
      row_bytes, row_bytes * height, nullptr);
  if (error == CE_None && !call.failed() && !call.warned()) return {};
  dataset_.reset();
  return fail(damaged(rect, call.reason()));
}

Status GdalSource::read_colors(const Rect& rect, std::span<float> out) {
  const auto area = static_cast<std::size_t>(rect.area());
  const std::span<float> indices = out.first(area);
  if (auto status = read_bands(rect, 1, indices); !status) return status;
  for (std::size_t i = 0; i < area; ++i) {
    const auto index = static_cast<std::size_t>(indices[i]);
    if (index >= palette_.colors.size()) {
      return fail(
          ErrorCode::corrupt,
          fmt::format("[read] pixel value {} is not in the colour table of {} entries: {}, {}",
                      index, palette_.colors.size(), path_, to_string(rect)));
    }
    const Color& color = palette_.colors[index];
    for (int band = 0; band < palette_.bands; ++band) out[band * area + i] = color[band];
  }
  return {};
}

void GdalSource::restore_signs(int bands, std::span<float> out) const {
  const std::size_t area = out.size() / static_cast<std::size_t>(bands);
  for (int band = 0; band < bands; ++band) {
    if (!gives_signed_bytes_as_unsigned(GDALGetRasterBand(dataset_.get(), band + 1))) continue;
    for (float& value : out.subspan(band * area, area)) {
      if (value > 127.0F) value -= 256.0F;
    }
  }
}

Status GdalSource::read(const Rect& rect, std::span<float> out) {
  if (auto status = check_read(info_, rect, out.size()); !status) return status;
  if (!palette_.empty()) return read_colors(rect, out);
  if (auto status = read_bands(rect, info_.bands, out); !status) return status;
  restore_signs(info_.bands, out);
  return {};
}

Error GdalSource::damaged(const Rect& rect, const std::string& reason) const {
  return {ErrorCode::io, fmt::format("[read] {}: {}, {}", reason, path_, to_string(rect))};
}

std::unexpected<Error> cannot_open(const std::string& path, const std::string& reason) {
  VSIStatBufL entry;
  if (VSIStatExL(path.c_str(), &entry, VSI_STAT_EXISTS_FLAG) != 0) {
    return fail(ErrorCode::not_found, fmt::format("[open_image] no such file: {}", path));
  }
  return fail(ErrorCode::io,
              fmt::format("[open_image] not an image that GDAL reads: {} ({})", path, reason));
}

// GDAL reads an ENVI file that ends early as if it went on with zeros. It is the only raw format
// that GDAL treats so.
Status check_envi_length(GDALDatasetH dataset, const std::string& path) {
  const CPLStringList header(CSLDuplicate(GDALGetMetadata(dataset, "ENVI")));
  const bool compressed = CPLAtoGIntBig(header.FetchNameValueDef("file_compression", "0")) != 0;
  VSIStatBufL entry;
  if (header.empty() || compressed || VSIStatL(path.c_str(), &entry) != 0) return {};
  const std::int64_t pixels = Size{GDALGetRasterYSize(dataset), GDALGetRasterXSize(dataset)}.area();
  const GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(dataset, 1));
  const std::int64_t needed_bytes =
      CPLAtoGIntBig(header.FetchNameValueDef("header_offset", "0")) +
      pixels * GDALGetRasterCount(dataset) * GDALGetDataTypeSizeBytes(type);
  const auto found_bytes = static_cast<std::int64_t>(entry.st_size);
  if (found_bytes >= needed_bytes) return {};
  return fail(ErrorCode::io, fmt::format("[open_image] the file ends early, {} of {} bytes: {}",
                                         found_bytes, needed_bytes, path));
}

Color color_at(GDALColorTableH table, int index) {
  const GDALColorEntry* entry = GDALGetColorEntry(table, index);
  const auto level = [](short value) { return static_cast<float>(value); };
  if (GDALGetPaletteInterpretation(table) == GPI_Gray) {
    return {level(entry->c1), level(entry->c1), level(entry->c1), opaque};
  }
  return {level(entry->c1), level(entry->c2), level(entry->c3), level(entry->c4)};
}

Result<Palette> read_palette(GDALDatasetH dataset, const std::string& path) {
  const GDALColorTableH table = GDALGetRasterColorTable(GDALGetRasterBand(dataset, 1));
  if (table == nullptr || GDALGetRasterCount(dataset) != 1) return Palette{};
  const GDALPaletteInterp kind = GDALGetPaletteInterpretation(table);
  if (kind != GPI_RGB && kind != GPI_Gray) {
    return fail(ErrorCode::unsupported,
                fmt::format("[open_image] the colour table is neither RGB nor grey but {}: {}",
                            GDALGetPaletteInterpretationName(kind), path));
  }
  Palette palette{.colors = {}, .bands = rgb_bands};
  for (int index = 0; index < GDALGetColorEntryCount(table); ++index) {
    palette.colors.push_back(color_at(table, index));
    if (palette.colors.back().back() != opaque) palette.bands = rgba_bands;
  }
  return palette;
}

// Of one pixel in one band; in all bands.
std::int64_t value_bytes(GDALDatasetH dataset) {
  return GDALGetDataTypeSizeBytes(GDALGetRasterDataType(GDALGetRasterBand(dataset, 1)));
}
std::int64_t pixel_bytes(GDALDatasetH dataset) {
  return value_bytes(dataset) * GDALGetRasterCount(dataset);
}

// What the blocks of so many rows of the image take.
std::int64_t block_bytes(GDALDatasetH dataset, const ImageInfo& info, std::int64_t rows) {
  return round_up(rows, info.block.height) * round_up(info.size.width, info.block.width) *
         pixel_bytes(dataset);
}

// A block as it lies in the file, at most. GDAL gives a TIFF of one long strip as rows, and yet
// reads the strip: hence the first block's bytes, as the file says them (a damaged one: anything).
std::int64_t compressed_bytes(GDALDatasetH dataset, const ImageInfo& info,
                              std::int64_t decoded_bytes) {
  const std::string_view text =
      metadata_text(GDALGetRasterBand(dataset, 1), "BLOCK_SIZE_0_0", "TIFF");
  std::int64_t said_bytes = 0;
  std::from_chars(text.begin(), text.end(), said_bytes);
  return std::max(decoded_bytes,
                  std::min(said_bytes, block_bytes(dataset, info, info.size.height)));
}

// One block on its way into the cache: compressed, where it is, and decoded when it has several
// bands, which the cache has apart.
std::int64_t passing_block_bytes(GDALDatasetH dataset, const ImageInfo& info) {
  const auto structure = [&](const char* key) {
    return metadata_text(dataset, key, "IMAGE_STRUCTURE");
  };
  const bool by_pixel = structure("INTERLEAVE") == "PIXEL" && GDALGetRasterCount(dataset) > 1;
  const std::int64_t decoded_bytes =
      info.block.area() * (by_pixel ? pixel_bytes(dataset) : value_bytes(dataset));
  const std::int64_t held_bytes = by_pixel ? decoded_bytes : 0;
  if (structure("COMPRESSION").empty()) return held_bytes;
  return held_bytes + compressed_bytes(dataset, info, decoded_bytes);
}

// The cache, which holds no more than the whole image, and what the decoder keeps beside it.
std::int64_t held_bytes(GDALDatasetH dataset, const std::string& path, const ImageInfo& info,
                        const BlockCacheShare& cache) {
  return std::min(cache.bytes(), block_bytes(dataset, info, info.size.height)) +
         passing_block_bytes(dataset, info) +
         decoder_bytes(GDALGetDriverShortName(GDALGetDatasetDriver(dataset)), path, info);
}

std::string type_names(GDALDatasetH dataset) {
  std::string names;
  for (int band = 1; band <= GDALGetRasterCount(dataset); ++band) {
    const char* name = GDALGetDataTypeName(GDALGetRasterDataType(GDALGetRasterBand(dataset, band)));
    names += names.empty() ? name : fmt::format(", {}", name);
  }
  return names;
}

Result<ImageInfo> read_info(GDALDatasetH dataset, const Palette& palette, const std::string& path) {
  const std::optional<PixelType> type = pixel_type_of(dataset);
  if (!type) {
    return fail(ErrorCode::unsupported,
                fmt::format("[open_image] pixels of this type are not supported: {}: {}",
                            type_names(dataset), path));
  }
  ImageInfo info;
  info.size = {GDALGetRasterYSize(dataset), GDALGetRasterXSize(dataset)};
  info.bands = GDALGetRasterCount(dataset);
  info.pixel_type = *type;
  int block_width = 0;
  int block_height = 0;
  GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &block_width, &block_height);
  info.block = {block_height, block_width};
  info.geo = read_geo(dataset);
  info.approximation = read_approximation(dataset);
  if (palette.empty()) return info;
  info.bands = palette.bands;
  info.pixel_type = PixelType::u8;
  info.geo.nodata.reset();  // it was an index
  return info;
}

Result<std::unique_ptr<ImageSource>> open_file(const std::string& path, const HostOptions& host) {
  register_formats();
  const GdalCall call;
  Dataset dataset = open_dataset(path);
  if (!dataset) return cannot_open(path, call.reason());
  if (GDALGetRasterCount(dataset.get()) == 0) {
    return fail(ErrorCode::unsupported,
                fmt::format("[open_image] the file is a container of several images; give GDAL's "
                            "name of one of them (gdalinfo lists them): {}",
                            path));
  }
  if (auto status = check_envi_length(dataset.get(), path); !status) return fail(status.error());
  auto palette = read_palette(dataset.get(), path);
  if (!palette) return fail(palette.error());
  auto info = read_info(dataset.get(), *palette, path);
  if (!info) return fail(info.error());
  BlockCacheShare cache(block_bytes(dataset.get(), *info, info->block.height),
                        host.limit_gdal_cache);
  info->held_bytes = held_bytes(dataset.get(), path, *info, cache);
  return std::make_unique<GdalSource>(path, std::move(cache), std::move(dataset), std::move(*info),
                                      std::move(*palette));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_image(const std::string& path, const HostOptions& host) {
  return catch_exceptions("[open_image]", [&] { return open_file(path, host); });
}

}  // namespace sectile
