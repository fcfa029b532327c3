#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sectile/image_files.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

std::vector<float> cut_out(const std::vector<float>& pixels, const ImageInfo& info, Rect rect) {
  MemorySource source(info, pixels);
  std::vector<float> out(static_cast<std::size_t>(rect.area() * info.bands));
  EXPECT_TRUE(source.read(rect, out));
  return out;
}

// Corners, edges, one pixel, one row, one column, the whole, and windows across block borders.
std::vector<Rect> windows_of(Size size) {
  const std::int64_t h = size.height;
  const std::int64_t w = size.width;
  return {{{0, 5}, {0, 7}},
          {{0, 5}, {w - 7, w}},
          {{h - 5, h}, {0, 7}},
          {{h - 5, h}, {w - 7, w}},
          {{0, 1}, {0, 1}},
          {{h - 1, h}, {w - 1, w}},
          {{h / 2, h / 2 + 1}, {0, w}},
          {{0, h}, {w / 2, w / 2 + 1}},
          {{0, h}, {0, w}},
          {{10, 40}, {12, 50}}};
}

void expect_windows(const RasterFile& file, const std::vector<float>& pixels) {
  auto source = open_image(file.path);
  ASSERT_TRUE(source) << source.error().message;
  const ImageInfo& info = (*source)->info();
  ASSERT_EQ(info.size, file.size);
  ASSERT_EQ(info.bands, file.bands);
  for (const Rect& rect : windows_of(info.size)) {
    std::vector<float> out(static_cast<std::size_t>(rect.area() * info.bands), -1.0F);
    const Status status = (*source)->read(rect, out);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(out, cut_out(pixels, info, rect)) << file.path << " " << to_string(rect);
  }
}

TEST(GdalSource, ReadsWindowsOfEveryLayout) {
  const TemporaryFolder folder;
  const Size size{61, 83};
  const std::vector<RasterFile> files{
      {folder.file("strips.tif"), "GTiff", size, 3, GDT_Byte, {"BLOCKYSIZE=7"}},
      {folder.file("tiles.tif"),
       "GTiff",
       size,
       3,
       GDT_Byte,
       {"TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE"}},
      {folder.file("planes.tif"), "GTiff", size, 3, GDT_Byte, {"INTERLEAVE=BAND"}},
      {folder.file("rgb.png"), "PNG", size, 3, GDT_Byte, {}},
      {folder.file("rgba.png"), "PNG", size, 4, GDT_Byte, {}},
      {folder.file("grey_alpha.png"), "PNG", size, 2, GDT_Byte, {}},
      {folder.file("raw.bmp"), "BMP", size, 3, GDT_Byte, {}},
      {folder.file("raw.img"), "ENVI", size, 5, GDT_Byte, {}}};
  for (const RasterFile& file : files) {
    const std::vector<float> pixels = noise(size, file.bands, 255);
    write_raster(file, pixels);
    expect_windows(file, pixels);
  }
}

TEST(GdalSource, ReadsEveryPixelType) {
  const TemporaryFolder folder;
  const Size size{20, 31};
  const std::vector<std::pair<GDALDataType, PixelType>> types{
      {GDT_Byte, PixelType::u8},    {GDT_UInt16, PixelType::u16}, {GDT_Int16, PixelType::i16},
      {GDT_UInt32, PixelType::u32}, {GDT_Int32, PixelType::i32},  {GDT_Float32, PixelType::f32},
      {GDT_Float64, PixelType::f64}};
  for (const auto& [gdal_type, type] : types) {
    const std::string path = folder.file(fmt::format("{}.tif", to_string(type)));
    const std::vector<float> pixels = noise(size, 2, type == PixelType::u8 ? 255 : 30000);
    write_raster({path, "GTiff", size, 2, gdal_type, {}}, pixels);
    EXPECT_EQ(info_of(path).pixel_type, type);
    EXPECT_EQ(read_all(path), pixels) << path;
  }
}

TEST(GdalSource, ReadsSixteenBitPng) {
  const TemporaryFolder folder;
  const std::string path = folder.file("deep.png");
  const std::vector<float> pixels = noise({33, 21}, 3, 65535);
  write_raster({path, "PNG", {33, 21}, 3, GDT_UInt16, {}}, pixels);
  EXPECT_EQ(info_of(path).pixel_type, PixelType::u16);
  EXPECT_EQ(read_all(path), pixels);
}

TEST(GdalSource, TellsTheBlockOfTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("tiles.tif");
  write_raster(
      {path, "GTiff", {64, 96}, 1, GDT_Byte, {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=16"}},
      noise({64, 96}, 1, 255));
  EXPECT_EQ(info_of(path).block, (Size{16, 32}));
}

TEST(GdalSource, ReplacesAColourTableByItsColours) {
  const TemporaryFolder folder;
  const std::vector<Color> colors{{10, 20, 30, 255}, {40, 50, 60, 255}, {70, 80, 90, 255}};
  for (const char* driver : {"GTiff", "PNG", "GIF"}) {
    const std::string path = folder.file(std::string("palette.") + driver);
    write_paletted(path, driver, {2, 2}, {0, 1, 2, 1}, colors);
    const ImageInfo info = info_of(path);
    EXPECT_EQ(info.bands, 3) << driver;
    EXPECT_EQ(info.pixel_type, PixelType::u8);
    EXPECT_EQ(read_all(path), (std::vector<float>{10, 40, 70, 40, 20, 50, 80, 50, 30, 60, 90, 60}));
  }
}

TEST(GdalSource, GivesATransparentColourTableAFourthBand) {
  const TemporaryFolder folder;
  const std::string path = folder.file("palette.png");
  write_paletted(path, "PNG", {1, 2}, {1, 0}, {{10, 20, 30, 0}, {40, 50, 60, 255}});
  EXPECT_EQ(info_of(path).bands, 4);
  EXPECT_EQ(read_all(path), (std::vector<float>{40, 10, 50, 20, 60, 30, 255, 0}));
}

TEST(GdalSource, KeepsAGreyColourTableGrey) {
  const TemporaryFolder folder;
  const std::string path = folder.file("grey.png");
  write_paletted(path, "PNG", {1, 3}, {1, 0, 2}, {{9, 9, 9, 255}, {4, 4, 4, 255}, {5, 5, 5, 255}});
  EXPECT_EQ(info_of(path).bands, 1);
  EXPECT_EQ(read_all(path), (std::vector<float>{4, 9, 5}));
  write_paletted(path, "PNG", {1, 2}, {1, 0}, {{9, 9, 9, 0}, {4, 4, 4, 255}});
  EXPECT_EQ(info_of(path).bands, 2);
  EXPECT_EQ(read_all(path), (std::vector<float>{4, 9, 255, 0}));
}

TEST(GdalSource, RefusesAnIndexPastTheColourTable) {
  const TemporaryFolder folder;
  const std::string path = folder.file("palette.png");
  write_paletted(path, "PNG", {1, 2}, {1, 7}, {{10, 20, 30, 255}, {40, 50, 60, 255}});
  auto source = open_image(path);
  ASSERT_TRUE(source) << source.error().message;
  std::vector<float> out(6);
  const Status status = (*source)->read({{0, 1}, {0, 2}}, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::corrupt);
  EXPECT_NE(status.error().message.find(path), std::string::npos);
}

TEST(GdalSource, ReadsSignedBytes) {
  const TemporaryFolder folder;
  const std::string path = folder.file("signed.tif");
  write_raster({path, "GTiff", {1, 4}, 1, GDT_Byte, {"PIXELTYPE=SIGNEDBYTE"}}, {0, 127, 128, 255});
  EXPECT_EQ(info_of(path).pixel_type, PixelType::i8);
  EXPECT_EQ(read_all(path), (std::vector<float>{0, 127, -128, -1}));
}

TEST(GdalSource, RefusesComplexPixels) {
  const TemporaryFolder folder;
  const std::string path = folder.file("complex.tif");
  write_raster({path, "GTiff", {2, 2}, 1, GDT_CFloat32, {}}, {1, 2, 3, 4});
  auto source = open_image(path);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::unsupported);
  EXPECT_NE(source.error().message.find(path), std::string::npos);
  EXPECT_NE(source.error().message.find("CFloat32"), std::string::npos);
}

TEST(GdalSource, ReadingDownwardsInBandsGivesTheWholeImage) {
  const TemporaryFolder folder;
  const std::string path = folder.file("photo.jpg");
  const Size size{400, 150};
  write_raster({path, "JPEG", size, 3, GDT_Byte, {}}, landscape(size, 3, 255));
  const std::vector<float> whole = read_all(path);
  auto source = open_image(path);
  ASSERT_TRUE(source);
  MemorySink sink((*source)->info());
  for (std::int64_t y = 0; y < size.height; y += 37) {
    const Range rows{y, std::min<std::int64_t>(y + 37, size.height)};
    std::vector<float> part(static_cast<std::size_t>(rows.size() * size.width * 3));
    ASSERT_TRUE((*source)->read({rows, {0, size.width}}, part));
    ASSERT_TRUE(sink.write(rows, part));
  }
  EXPECT_TRUE(std::ranges::equal(sink.pixels(), whole));
}

}  // namespace
}  // namespace sectile::internal::testing
