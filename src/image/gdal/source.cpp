// open_image: any raster that GDAL reads.
//
// The pixels are the file's own: an EXIF orientation is not applied, a mask is not applied, an
// alpha channel is one more band. Only a colour table is replaced by the colours it stands for,
// because indices mean nothing to a network, and levels that count from white are turned over.
//
// PNG, JPEG and other formats that decode from the top down keep their place between calls: a read
// that goes on below the last one decodes only the new rows. A read further up decodes from the
// first row again, unless the rows are still in GDAL's block cache.
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>

#include "sectile/image_files.h"
#include "src/base/catch_exceptions.h"
#include "src/base/integers.h"
#include "src/image/check_access.h"
#include "src/image/gdal/approximation.h"
#include "src/image/gdal/bit_depth.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/geo.h"
#include "src/image/gdal/mask_bands.h"
#include "src/image/gdal/metadata.h"
#include "src/image/gdal/pages.h"
#include "src/image/gdal/palette.h"
#include "src/image/gdal/types.h"
#include "src/image/held_memory.h"
#include "src/image/moved_image.h"

namespace sectile {

using namespace internal;

namespace {

class GdalSource final : public ImageSource {
 public:
  // `bands`: those of the file, or of its palette, that are the image's.
  GdalSource(std::string path, BlockCacheShare cache, Dataset dataset, ImageInfo info,
             Palette palette, std::vector<int> bands, MaskBands masks)
      : path_(std::move(path)),
        cache_(std::move(cache)),
        dataset_(std::move(dataset)),
        info_(std::move(info)),
        palette_(std::move(palette)),
        bands_(std::move(bands)),
        masks_(std::move(masks)) {
    info_.mask_kind = masks_.kind();
    if (hides_alpha()) info_.mask_kind = MaskKind::alpha;
  }

  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override;
  Status read_mask(const Rect& rect, std::span<std::uint8_t> out) override;

 private:
  // Of the palette, where it is none of the bands.
  bool hides_alpha() const;
  Status take_alpha_of_palette(const Rect& rect, std::span<std::uint8_t> out);
  Status read_bands(const Rect& rect, std::vector<int> bands, std::span<float> out);
  Status read_colors(const Rect& rect, const std::vector<int>& bands, std::span<float> out);
  void restore_levels(std::span<float> out) const;
  Error damaged(const Rect& rect, const std::string& reason) const;

  std::string path_;
  BlockCacheShare cache_;
  Dataset dataset_;  // empty after a failed read: the next one opens the file again
  ImageInfo info_;
  Palette palette_;
  std::vector<int> bands_;  // from 1 on
  MaskBands masks_;
};

// A decoder that only warns has filled the gap with pixels of its own making, so a warning is
// damage too. GDAL may have kept those pixels in its cache, and decoders are left in the middle of
// a row: hence the fresh start after a failure.
Status GdalSource::read_bands(const Rect& rect, std::vector<int> bands, std::span<float> out) {
  const GdalCall call;
  if (!dataset_) dataset_ = open_dataset(path_);
  if (!dataset_) return fail(damaged(rect, call.reason()));
  const auto width = static_cast<int>(rect.x.size());
  const auto height = static_cast<int>(rect.y.size());
  const GSpacing row_bytes = rect.x.size() * GSpacing{sizeof(float)};
  const CPLErr error = GDALDatasetRasterIOEx(
      dataset_.get(), GF_Read, static_cast<int>(rect.x.begin), static_cast<int>(rect.y.begin),
      width, height, out.data(), width, height, GDT_Float32, static_cast<int>(bands.size()),
      bands.data(), sizeof(float), row_bytes, row_bytes * height, nullptr);
  if (error == CE_None && !call.failed() && !call.warned()) return {};
  dataset_.reset();
  return fail(damaged(rect, call.reason()));
}

Status GdalSource::read_colors(const Rect& rect, const std::vector<int>& bands,
                               std::span<float> out) {
  const auto area = static_cast<std::size_t>(rect.area());
  if (auto status = read_bands(rect, {1}, out.first(area)); !status) return status;
  const auto missing = palette_.replace(bands, out);
  if (!missing) return {};
  return fail(ErrorCode::corrupt,
              fmt::format("[read] pixel value {} is not in the colour table: {}, {}", *missing,
                          path_, to_string(rect)));
}

// GDAL gives signed bytes as unsigned ones, and levels that count from white as they are.
void GdalSource::restore_levels(std::span<float> out) const {
  const std::size_t area = out.size() / bands_.size();
  const auto white = static_cast<float>(maximum_of(info_.pixel_type, info_.bits));
  for (std::size_t i = 0; i < bands_.size(); ++i) {
    const std::span<float> values = out.subspan(i * area, area);
    if (gives_signed_bytes_as_unsigned(GDALGetRasterBand(dataset_.get(), bands_[i]))) {
      std::ranges::for_each(values, [](float& value) { value -= value > 127.0F ? 256.0F : 0.0F; });
    }
    if (bands_[i] == 1 && counts_from_white(dataset_.get())) {
      std::ranges::for_each(values, [white](float& value) { value = white - value; });
    }
  }
}

Status GdalSource::read(const Rect& rect, std::span<float> out) {
  if (auto status = check_read(info_, rect, out.size()); !status) return status;
  if (!palette_.empty()) return read_colors(rect, bands_, out);
  if (auto status = read_bands(rect, bands_, out); !status) return status;
  restore_levels(out);
  return {};
}

bool GdalSource::hides_alpha() const {
  if (palette_.empty()) return false;
  const std::vector<BandInfo> colors = palette_.bands();
  if (colors.back().meaning != "Alpha") return false;
  return std::ranges::count(bands_, static_cast<int>(colors.size())) == 0;
}

Status GdalSource::take_alpha_of_palette(const Rect& rect, std::span<std::uint8_t> out) {
  const auto alpha = static_cast<int>(palette_.bands().size());
  std::vector<float> values(out.size());
  if (auto status = read_colors(rect, {alpha}, values); !status) return status;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = std::min(out[i], static_cast<std::uint8_t>(values[i]));
  }
  return {};
}

Status GdalSource::read_mask(const Rect& rect, std::span<std::uint8_t> out) {
  if (auto status = ImageSource::read_mask(rect, out); !status) return status;
  if (hides_alpha()) {
    if (auto status = take_alpha_of_palette(rect, out); !status) return status;
  }
  if (masks_.kind() == MaskKind::none) return {};
  const GdalCall call;
  if (!dataset_) dataset_ = open_dataset(path_);
  if (!dataset_) return fail(damaged(rect, call.reason()));
  const auto reason = masks_.read(dataset_.get(), rect, out);
  if (!reason) return {};
  dataset_.reset();
  return fail(damaged(rect, *reason));
}

Error GdalSource::damaged(const Rect& rect, const std::string& reason) const {
  return {ErrorCode::io, fmt::format("[read] {}: {}, {}", reason, path_, to_string(rect))};
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

Status check_type(GDALDatasetH dataset, const std::string& path) {
  if (pixel_type_of(dataset)) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("[open_image] pixels of this type are not supported: {}: {}",
                          type_names(dataset), path));
}

// Of all bands. REQUIRES: check_type() found nothing.
ImageInfo read_info(GDALDatasetH dataset, const Palette& palette) {
  ImageInfo info;
  info.size = {GDALGetRasterYSize(dataset), GDALGetRasterXSize(dataset)};
  info.bands = GDALGetRasterCount(dataset);
  info.pixel_type = pixel_type_of(dataset).value_or(PixelType::f64);
  info.bits = bits_of(dataset, info.pixel_type);
  info.block = block_of(GDALGetRasterBand(dataset, 1));
  info.geo = read_geo(dataset);
  info.metadata = read_metadata(dataset);
  info.pages = std::max(1, static_cast<int>(page_names(dataset).size()));
  info.approximation = read_approximation(dataset);
  const bool from_white = palette.empty() && counts_from_white(dataset);
  if (from_white) info.metadata.bands[0].meaning = "Gray";
  if (from_white && info.geo.nodata) {
    info.geo.nodata = maximum_of(info.pixel_type, info.bits) - *info.geo.nodata;
  }
  if (palette.empty()) return info;
  info.metadata.bands = palette.bands();
  info.bands = static_cast<int>(info.metadata.bands.size());
  info.pixel_type = PixelType::u8;
  info.bits = 0;
  info.geo.nodata.reset();  // it was an index
  return info;
}

// Those that were asked for, or all. Errors: invalid_argument: one is not there.
Result<std::vector<int>> choose_bands(const ImageInfo& all, const std::vector<int>& asked,
                                      const std::string& path) {
  for (const int band : asked) {
    if (band >= 1 && band <= all.bands) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("[open_image] there is no band {}, only {}: {}", band,
                            band_names(all.metadata, all.bands), path));
  }
  std::vector<int> bands = asked;
  std::ranges::sort(bands);
  const auto twice = std::ranges::adjacent_find(bands);
  if (twice != bands.end() && static_cast<int>(asked.size()) <= all.bands) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("[open_image] band {} is named twice, and there are {} bands to choose "
                    "{} from, {}: {}",
                    *twice, all.bands, asked.size(), band_names(all.metadata, all.bands), path));
  }
  bands = asked;
  if (bands.empty()) bands.resize(static_cast<std::size_t>(all.bands));
  if (asked.empty()) std::iota(bands.begin(), bands.end(), 1);
  return bands;
}

Result<std::unique_ptr<ImageSource>> open_file(const std::string& path, const HostOptions& host,
                                               const ReadOptions& read) {
  register_formats();
  const GdalCall call;
  auto page = open_page(path, read.page);
  if (!page) return fail(page.error());
  auto& [name, dataset] = *page;
  if (auto status = check_envi_length(dataset.get(), name); !status) return fail(status.error());
  auto palette = Palette::read(dataset.get(), name);
  if (!palette) return fail(palette.error());
  if (auto status = check_type(dataset.get(), name); !status) return fail(status.error());
  ImageInfo info = read_info(dataset.get(), *palette);
  auto bands = choose_bands(info, read.bands, name);
  if (!bands) return fail(bands.error());
  BlockCacheShare cache(block_bytes(dataset.get(), info, info.block.height), host.limit_gdal_cache);
  info.held_bytes = held_bytes(dataset.get(), name, info, cache);
  info.bands = static_cast<int>(bands->size());
  info.metadata = with_bands(std::move(info.metadata), *bands);
  // Of a file with a palette, it says which indices are data.
  MaskBands masks(dataset.get(), palette->empty() ? *bands : std::vector<int>{1}, info.pixel_type);
  return std::make_unique<GdalSource>(name, std::move(cache), std::move(dataset), std::move(info),
                                      std::move(*palette), std::move(*bands), std::move(masks));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_image(const std::string& path, const HostOptions& host,
                                                const ReadOptions& read) {
  return catch_exceptions("[open_image]", [&] { return open_file(path, host, read); });
}

}  // namespace sectile
