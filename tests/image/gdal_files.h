// Image files made on the spot with GDAL alone (so that a test of our reader does not trust our
// writer), and a folder for them.
#pragma once

#include <gdal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sectile/image_files.h"

namespace sectile::internal::testing {

// A new folder under the system's temporary one; removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  // All names in the folder, hidden ones too, in order.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

// Whole numbers from 0 to `maximum`, without a pattern; equal arguments give equal pixels.
std::vector<float> noise(Size size, int bands, int maximum);
// Slopes with a little noise: compresses about as a photograph does.
std::vector<float> landscape(Size size, int bands, int maximum);

struct RasterFile {
  std::string path;
  const char* driver = "GTiff";
  Size size;
  int bands = 1;
  GDALDataType type = GDT_Byte;
  std::vector<const char*> options;  // for the driver
};

// Writes planar `pixels` with GDAL. Throws std::runtime_error with GDAL's reason (a test then
// fails).
void write_raster(const RasterFile& file, const std::vector<float>& pixels);

// A paletted file: one byte index per pixel. Each colour is red, green, blue, alpha.
using Color = std::array<short, 4>;
void write_paletted(const std::string& path, const char* driver, Size size,
                    const std::vector<float>& indices, const std::vector<Color>& colors);

std::string bytes_of(const std::string& path);
void put_bytes(const std::string& path, const std::string& bytes);
void cut_to(const std::string& path, double fraction);

// All pixels through open_image. Throws std::runtime_error with the message when that fails.
std::vector<float> read_all(const std::string& path);
ImageInfo info_of(const std::string& path);

// Writes all of `pixels` in bands of `rows_per_call` rows and finishes.
Status write_all(ImageSink& sink, const std::vector<float>& pixels, std::int64_t rows_per_call);

// A file of a small image of three bands.
struct Output {
  const char* name;
  const char* format;
  std::vector<std::string> options;
};
ImageInfo small_rgb();
// Replaces the file. REQUIRES: pixels of small_rgb().
Status write_small(const std::string& path, const Output& output, const std::vector<float>& pixels);

// A CRS, as text.
std::string utm_33();

}  // namespace sectile::internal::testing
