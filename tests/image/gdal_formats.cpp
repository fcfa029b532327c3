#include "tests/image/gdal_formats.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gdal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>

#include "sectile/image_files.h"
#include "sectile/mask.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/types.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {

namespace {

constexpr const char* kHead = R"(# Formats

What `sectile run --format NAME` writes, and what it refuses before it computes. `make docs` makes
this page with GDAL {}; a test fails when it is out of date.

*u8*, *u16*, *f32*: the numbers of bands, of 1, 3 and 4, that come back bit for bit; "similar" where
the format loses detail by default (WEBP with `--co LOSSLESS=YES` and JP2OpenJPEG with
`--co REVERSIBLE=YES --co QUALITY=100` do not). *Side*: the most pixels on a side that Sectile knows
of; where there is none, GDAL says so before the run. *Georeference*: "beside" is in a file
NAME.aux.xml. *No data*: how the file shows which pixels are data where the input does so by a
value, by a mask band, and by alpha. Of formats that do not, `run` warns.

Before each run a small image of the same bands and type is written in the same way, read and
compared. After it the file is read again and compared with what was written, except for GTiff,
which reports every failure to write.

| format | ending | u8 | u16 | f32 | side | georeference | no data |
|---|---|---|---|---|---|---|---|
)";

constexpr Size image_size{270, 600};

std::string ending_of(const std::string& driver) {
  const GDALDriverH handle = GDALGetDriverByName(driver.c_str());
  const CPLStringList endings(
      CSLTokenizeString(std::string(metadata_text(handle, GDAL_DMD_EXTENSIONS)).c_str()));
  return endings.empty() ? "" : std::string(".") + endings[0];
}

ImageInfo image_of(PixelType type, int bands) {
  ImageInfo info;
  info.size = image_size;
  info.bands = bands;
  info.pixel_type = type;
  return info;
}

std::vector<float> pixels_of(const ImageInfo& info) {
  if (info.pixel_type == PixelType::u8) return landscape(info.size, info.bands, 255);
  std::vector<float> pixels = landscape(info.size, info.bands, 60000);
  if (info.pixel_type != PixelType::f32) return pixels;
  for (float& value : pixels) value /= 70001;
  return pixels;
}

// Whether there is a file; it must then be complete.
bool write_file(const std::string& path, const std::string& driver, const ImageInfo& info) {
  CreateOptions options;
  options.format = driver;
  auto sink = create_image(path, info, options);
  if (!sink) return false;
  const Status status = write_all(**sink, pixels_of(info), 37);
  if (!status) throw std::runtime_error("found out too late: " + status.error().message);
  return true;
}

Dataset open(const std::string& path) {
  const GdalCall call;
  return Dataset(GDALOpen(path.c_str(), GA_ReadOnly));
}

std::vector<float> pixels_in(const Dataset& file, const ImageInfo& info) {
  const auto width = static_cast<int>(info.size.width);
  const auto height = static_cast<int>(info.size.height);
  std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands));
  if (GDALGetRasterCount(file.get()) != info.bands ||
      GDALDatasetRasterIO(file.get(), GF_Read, 0, 0, width, height, pixels.data(), width, height,
                          GDT_Float32, info.bands, nullptr, 0, 0, 0) != CE_None) {
    throw std::runtime_error("another image");
  }
  return pixels;
}

double mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

enum class Kept { no, similar, equal };

Kept keeps(const std::string& driver, const ImageInfo& info) {
  const TemporaryFolder folder;
  const std::string path = folder.file("image" + ending_of(driver));
  if (!write_file(path, driver, info)) return Kept::no;
  const Dataset file = open(path);
  if (!file ||
      GDALGetRasterDataType(GDALGetRasterBand(file.get(), 1)) != to_gdal(info.pixel_type)) {
    throw std::runtime_error("another image: " + driver);
  }
  const double difference = mean_difference(pixels_in(file, info), pixels_of(info));
  if (difference == 0) return Kept::equal;
  if (difference < maximum_of(info.pixel_type) / 32) return Kept::similar;
  throw std::runtime_error("other pixels: " + driver);
}

// Also sets `first`, unless it is set, to the first image that the format keeps.
std::string cell_of(const std::string& driver, PixelType type, std::optional<ImageInfo>& first) {
  std::vector<std::string> bands;
  bool similar = false;
  for (const int count : {1, 3, 4}) {
    const ImageInfo info = image_of(type, count);
    const Kept kept = keeps(driver, info);
    if (kept == Kept::no) continue;
    bands.push_back(std::to_string(count));
    similar = similar || kept == Kept::similar;
    if (!first) first = info;
  }
  return fmt::format("{}{}", fmt::join(bands, ", "), similar ? " similar" : "");
}

// Of an image of the first type and number of bands that the format keeps.
std::string georeference_of(const std::string& driver, ImageInfo info) {
  const TemporaryFolder folder;
  const std::string path = folder.file("image" + ending_of(driver));
  info.geo.transform = {500000, 10, 0, 5400000, 0, -10};
  info.geo.crs_wkt = utm_33();
  if (!write_file(path, driver, info)) return "refused";
  const Dataset file = open(path);
  std::array<double, 6> transform{};
  const bool has_transform = GDALGetGeoTransform(file.get(), transform.data()) == CE_None &&
                             std::abs(transform[0] - 500000) < 1e-3;
  const bool has_crs = GDALGetSpatialRef(file.get()) != nullptr;
  if (!has_transform && !has_crs) return "no";
  const bool beside = std::filesystem::exists(path + ".aux.xml");
  return fmt::format("{}{}",
                     has_transform && has_crs ? "yes"
                     : has_crs                ? "system"
                                              : "transform",
                     beside ? ", beside" : "");
}

// Every third column is no data.
std::shared_ptr<const Mask> striped_mask(Size size) {
  std::vector<std::uint8_t> row(static_cast<std::size_t>(size.width), Mask::kData);
  for (std::size_t x = 0; x < row.size(); x += 3) row[x] = 0;
  MaskBuilder builder(size.width);
  for (std::int64_t y = 0; y < size.height; ++y) builder.add_row(row);
  return std::make_shared<const Mask>(builder.finish());
}

// "value", "mask" or "alpha" as GDAL finds it. Throws where that is not what was written.
std::string mask_in(const Dataset& file, const std::string& path) {
  const GDALRasterBandH band = GDALGetRasterBand(file.get(), 1);
  const int flags = GDALGetMaskFlags(band);
  if ((flags & GMF_ALL_VALID) != 0) return "no";
  const int width = GDALGetRasterBandXSize(band);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(width));
  for (int y = 0; y < GDALGetRasterBandYSize(band); ++y) {
    if (GDALRasterIO(GDALGetMaskBand(band), GF_Read, 0, y, width, 1, row.data(), width, 1, GDT_Byte,
                     0, 0) != CE_None) {
      throw std::runtime_error("the mask cannot be read");
    }
    for (std::size_t x = 0; x < row.size(); ++x) {
      if ((row[x] == 0) != (x % 3 == 0)) throw std::runtime_error("another mask: " + path);
    }
  }
  const std::string word = (flags & GMF_ALPHA) != 0    ? "alpha"
                           : (flags & GMF_NODATA) != 0 ? "value"
                                                       : "mask";
  return word + (std::filesystem::exists(path + ".aux.xml") ? " beside" : "");
}

// Of an image of the first type and number of bands that the format keeps.
std::string no_data_of(const std::string& driver, ImageInfo info) {
  std::vector<std::string> words;
  info.mask = striped_mask(info.size);
  for (const MaskKind kind : {MaskKind::nodata, MaskKind::band, MaskKind::alpha}) {
    const TemporaryFolder folder;
    const std::string path = folder.file("image" + ending_of(driver));
    info.mask_kind = kind;
    words.push_back(write_file(path, driver, info) ? mask_in(open(path), path) : "refused");
  }
  if (words[0] == words[1] && words[0] == words[2]) return words[0];
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::vector<std::string> writable_formats() {
  register_formats();
  std::vector<std::string> names;
  for (int i = 0; i < GDALGetDriverCount(); ++i) {
    const GDALDriverH driver = GDALGetDriver(i);
    const bool writes = !metadata_text(driver, GDAL_DCAP_CREATE).empty() ||
                        !metadata_text(driver, GDAL_DCAP_CREATECOPY).empty();
    if (writes && !metadata_text(driver, GDAL_DCAP_RASTER).empty()) {
      names.emplace_back(GDALGetDriverShortName(driver));
    }
  }
  return names;
}

std::string row_of_format(const std::string& driver) {
  register_formats();
  std::optional<ImageInfo> first;
  std::string cells;
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
    cells += cell_of(driver, type, first) + " | ";
  }
  if (!first) return {};
  const std::int64_t side = longest_side_px(driver);
  return fmt::format("| {} | {} | {}{} | {} | {} |\n", driver, ending_of(driver), cells,
                     side == std::numeric_limits<int>::max() ? "" : std::to_string(side),
                     georeference_of(driver, *first), no_data_of(driver, *first));
}

std::string formats_page() {
  constexpr std::size_t kNamesPerLine = 12;
  std::string page = fmt::format(kHead, GDALVersionInfo("RELEASE_NAME"));
  std::vector<std::string> refused;
  for (const std::string& driver : writable_formats()) {
    const std::string row = row_of_format(driver);
    page += row;
    if (row.empty()) refused.push_back(driver);
  }
  page += "\nRefused, for images of 1, 3 and 4 bands without a georeference:\n";
  for (std::size_t i = 0; i < refused.size(); ++i) {
    page += fmt::format("{}{}", i % kNamesPerLine == 0 ? "\n- " : " ", refused[i]);
  }
  return page + "\n";
}

}  // namespace sectile::internal::testing
