#include "src/image/held_memory.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <optional>

#include "sectile/mask.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

template <std::size_t N>
std::optional<std::array<unsigned char, N>> read_bytes(std::ifstream& file) {
  std::array<unsigned char, N> bytes{};
  if (!file.read(reinterpret_cast<char*>(bytes.data()), N)) return std::nullopt;
  return bytes;
}

// ITU-T T.81, B.1 and table B.1: segments start with FF and their marker, then two bytes of length;
// C2, C6, CA and CE start frames of progressive coding.
bool is_progressive_jpeg(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(2);
  while (const auto segment = read_bytes<4>(file)) {
    const unsigned char marker = (*segment)[1];
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) return marker % 4 == 2;
    if ((*segment)[0] != 0xFF) return false;
    file.seekg((*segment)[2] * 256 + (*segment)[3] - 2, std::ios::cur);
  }
  return false;
}

// PNG specification, 11.2.2: the interlace method is the last byte of the header chunk.
bool is_interlaced_png(const std::string& path) {
  constexpr std::streamoff kInterlaceMethod = 28;
  std::ifstream file(path, std::ios::binary);
  file.seekg(kInterlaceMethod);
  const auto method = read_bytes<1>(file);
  return method && (*method)[0] == 1;
}

bool has_crs(const GeoReference& geo) {
  return !geo.crs_wkt.empty() || !geo.points_crs_wkt.empty();
}

}  // namespace

std::int64_t decoder_bytes(std::string_view driver, const std::string& path,
                           const ImageInfo& info) {
  constexpr std::int64_t kCoefficientBytes = 2;
  constexpr std::int64_t kMostPngBytes = 100'000'000;  // GDAL decodes larger ones part by part
  const std::int64_t values = info.size.area() * info.bands;
  const std::int64_t image_bytes = values * bytes_per_pixel(info.pixel_type);
  if (driver == "JPEG" && is_progressive_jpeg(path)) return values * kCoefficientBytes;
  if (driver == "PNG" && is_interlaced_png(path)) return std::min(image_bytes, kMostPngBytes);
  if (driver == "WEBP" || driver == "GIF" || driver == "BIGGIF") return image_bytes;
  return 0;
}

// Measured with GDAL 3.6.2: the coefficients of all blocks, those of colours at a quarter of the
// pixels (JPEG, which GDAL writes with tables made for the picture); four bytes a pixel beside the
// picture (WebP); two integers a value of a tile (JPEG 2000); the chunks of overviews (COG).
std::int64_t encoder_bytes(std::string_view driver, const ImageInfo& info) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  constexpr std::int64_t kCogTileSide = 512;
  constexpr std::int64_t kJpeg2000TilePx = std::int64_t{1024} * 1024;
  const std::int64_t pixels = info.size.area();
  if (driver == "JPEG") return 2 * pixels * (info.bands == 3 ? 3 : 2 * info.bands) / 2;
  if (driver == "WEBP") return pixels * (4 + info.bands);
  if (driver == "JP2OpenJPEG") return 8 * std::min(pixels, kJpeg2000TilePx) * info.bands;
  if (driver == "GIF") return pixels + 2 * kMiB;
  if (driver != "COG") return 0;
  const bool has_overviews = std::max(info.size.height, info.size.width) > kCogTileSide;
  return (has_overviews ? 18 : 7) * kMiB;
}

std::int64_t writing_bytes(const ImageInfo& info, Size block) {
  constexpr std::int64_t kBlockCopies = 3;
  constexpr std::int64_t kCrsBytes = std::int64_t{8} << 20;  // PROJ's database: measured
  const std::int64_t pixels =
      block.height * info.size.width * info.bands + block.area() * (1 + kBlockCopies * info.bands);
  return pixels * bytes_per_pixel(info.pixel_type) + (has_crs(info.geo) ? kCrsBytes : 0);
}

std::int64_t masked_rows_at_a_time(const ImageInfo& output) {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 20;
  const std::int64_t row_bytes = output.size.width * output.bands * std::int64_t{sizeof(float)};
  return std::max<std::int64_t>(1, kMostBytes / row_bytes);
}

std::int64_t masking_bytes(const ImageInfo& image, const ImageInfo& output) {
  if (!image.mask) return 0;
  if (!output.mask) return image.mask->held_bytes();
  const std::int64_t rows = std::min(masked_rows_at_a_time(output), output.size.height);
  const std::int64_t passing_values = rows * output.size.width * (2 * output.bands + 1);
  const std::int64_t of_output = output.mask == image.mask ? 0 : output.mask->held_bytes();
  return image.mask->held_bytes() + of_output + passing_values * std::int64_t{sizeof(float)};
}

}  // namespace sectile::internal
