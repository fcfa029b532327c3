#include "tests/image/gdal_files.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "src/image/gdal/call.h"

namespace sectile::internal::testing {

namespace fs = std::filesystem;

namespace {

std::uint32_t hashed(std::uint64_t n) {
  n = (n + 0x9E3779B97F4A7C15U) * 0xBF58476D1CE4E5B9U;
  n = (n ^ (n >> 29U)) * 0x94D049BB133111EBU;
  return static_cast<std::uint32_t>(n >> 33U);
}

void require(bool good, const GdalCall& call) {
  if (!good || call.failed()) throw std::runtime_error("GDAL in a test: " + call.reason());
}

Dataset in_memory(Size size, int bands, GDALDataType type, const std::vector<float>& pixels) {
  const GdalCall call;
  const auto width = static_cast<int>(size.width);
  const auto height = static_cast<int>(size.height);
  Dataset memory(GDALCreate(GDALGetDriverByName("MEM"), "", width, height, bands, type, nullptr));
  require(memory != nullptr, call);
  const CPLErr error = GDALDatasetRasterIOEx(memory.get(), GF_Write, 0, 0, width, height,
                                             const_cast<float*>(pixels.data()), width, height,
                                             GDT_Float32, bands, nullptr, 0, 0, 0, nullptr);
  require(error == CE_None, call);
  return memory;
}

void copy_to(const Dataset& from, const std::string& path, const char* driver,
             const std::vector<const char*>& options) {
  const GdalCall call;
  CPLStringList list;
  for (const char* option : options) list.AddString(option);
  Dataset file(GDALCreateCopy(GDALGetDriverByName(driver), path.c_str(), from.get(), FALSE,
                              list.List(), nullptr, nullptr));
  require(file != nullptr, call);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "sectile-image-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
  register_formats();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    names.push_back(entry.path().lexically_relative(path_).string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<float> noise(Size size, int bands, int maximum) {
  std::vector<float> pixels(static_cast<std::size_t>(size.area() * bands));
  const auto range = static_cast<std::uint32_t>(maximum) + 1;
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(hashed(i) % range);
  return pixels;
}

std::vector<float> landscape(Size size, int bands, int maximum) {
  std::vector<float> pixels = noise(size, bands, maximum / 32);
  auto pixel = pixels.begin();
  for (int band = 0; band < bands; ++band) {
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::int64_t x = 0; x < size.width; ++x) {
        const double slope = static_cast<double>((x + 2 * y + 50 * band) % 1000) / 1100.0;
        *pixel++ += static_cast<float>(static_cast<int>(slope * maximum));
      }
    }
  }
  return pixels;
}

void write_raster(const RasterFile& file, const std::vector<float>& pixels) {
  register_formats();
  copy_to(in_memory(file.size, file.bands, file.type, pixels), file.path, file.driver,
          file.options);
}

void write_paletted(const std::string& path, const char* driver, Size size,
                    const std::vector<float>& indices, const std::vector<Color>& colors) {
  register_formats();
  const Dataset memory = in_memory(size, 1, GDT_Byte, indices);
  const GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
  for (std::size_t i = 0; i < colors.size(); ++i) {
    const GDALColorEntry entry{colors[i][0], colors[i][1], colors[i][2], colors[i][3]};
    GDALSetColorEntry(table, static_cast<int>(i), &entry);
  }
  GDALSetRasterColorTable(GDALGetRasterBand(memory.get(), 1), table);
  GDALDestroyColorTable(table);
  copy_to(memory, path, driver, {});
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void cut_to(const std::string& path, double fraction) {
  const auto size = static_cast<double>(fs::file_size(path));
  fs::resize_file(path, static_cast<std::uintmax_t>(size * fraction));
}

std::vector<float> read_all(const std::string& path) {
  auto source = open_image(path);
  if (!source) throw std::runtime_error(source.error().message);
  const ImageInfo& info = (*source)->info();
  std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands));
  const Status status = (*source)->read(Rect::of(info.size), pixels);
  if (!status) throw std::runtime_error(status.error().message);
  return pixels;
}

ImageInfo info_of(const std::string& path) {
  auto source = open_image(path, {.limit_gdal_cache = true});
  if (!source) throw std::runtime_error(source.error().message);
  return (*source)->info();
}

Status write_all(ImageSink& sink, const std::vector<float>& pixels, std::int64_t rows_per_call) {
  const ImageInfo& info = sink.info();
  MemorySource source(info, pixels);
  for (std::int64_t y = 0; y < info.size.height; y += rows_per_call) {
    const Range rows{y, std::min(y + rows_per_call, info.size.height)};
    std::vector<float> part(static_cast<std::size_t>(rows.size() * info.size.width * info.bands));
    if (auto status = source.read({rows, {0, info.size.width}}, part); !status) return status;
    if (auto status = sink.write(rows, part); !status) return status;
  }
  return sink.finish();
}

ImageInfo small_rgb() {
  ImageInfo info;
  info.size = {150, 200};
  info.bands = 3;
  return info;
}

Status write_small(const std::string& path, const Output& output,
                   const std::vector<float>& pixels) {
  auto sink = create_image(path, small_rgb(), {true, output.format, output.options});
  if (!sink) return fail(sink.error());
  return write_all(**sink, pixels, 20);
}

std::string utm_33() {
  const OGRSpatialReferenceH crs = OSRNewSpatialReference(nullptr);
  OSRImportFromEPSG(crs, 32633);
  char* text = nullptr;
  OSRExportToWkt(crs, &text);
  std::string wkt = text;
  CPLFree(text);
  OSRRelease(crs);
  return wkt;
}

}  // namespace sectile::internal::testing
