// Files that are missing, are no images, or end too early.
#include <gtest/gtest.h>

#include <filesystem>

#include "sectile/image_files.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

bool mentions(const Error& error, const std::string& text) {
  return error.message.find(text) != std::string::npos;
}

// GDAL's messages belong in our errors and nowhere else.
class GdalDamage : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }
  void TearDown() override { EXPECT_EQ(::testing::internal::GetCapturedStderr(), ""); }

  void expect_refused(const std::string& path, ErrorCode code) {
    auto source = open_image(path);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code, code) << source.error().message;
    EXPECT_TRUE(mentions(source.error(), path)) << source.error().message;
  }

  TemporaryFolder folder_;
};

TEST_F(GdalDamage, MissingFile) {
  expect_refused(folder_.file("missing.tif"), ErrorCode::not_found);
  expect_refused(folder_.file("no/such/folder.png"), ErrorCode::not_found);
}

TEST_F(GdalDamage, NotAnImage) {
  put_bytes(folder_.file("text.tif"), "these are words and no pixels\n");
  expect_refused(folder_.file("text.tif"), ErrorCode::io);
  put_bytes(folder_.file("empty.png"), "");
  expect_refused(folder_.file("empty.png"), ErrorCode::io);
  expect_refused(folder_.path().string(), ErrorCode::io);
}

TEST_F(GdalDamage, DamagedHeader) {
  const std::string path = folder_.file("header.tif");
  write_raster({path, "GTiff", {50, 50}, 1, GDT_Byte, {}}, noise({50, 50}, 1, 255));
  put_bytes(path, bytes_of(path).substr(0, 40));
  expect_refused(path, ErrorCode::io);
}

struct Cut {
  const char* name;
  const char* driver;
  int bands;
  std::vector<const char*> options;
};

std::string name_of_file(const ::testing::TestParamInfo<Cut>& test) {
  std::string name = test.param.name;
  std::ranges::replace(name, '.', '_');
  return name;
}

class GdalCutFile : public GdalDamage, public ::testing::WithParamInterface<Cut> {};

// The last row must not come back as anything; the first may be there, and must then be right,
// before and after the failure.
TEST_P(GdalCutFile, IsAnErrorNotBlackPixels) {
  const Cut& cut = GetParam();
  const std::string path = folder_.file(cut.name);
  const Size size{600, 500};
  write_raster({path, cut.driver, size, cut.bands, GDT_Byte, cut.options},
               landscape(size, cut.bands, 255));
  const std::vector<float> whole = read_all(path);
  cut_to(path, 0.6);

  auto source = open_image(path);
  ASSERT_TRUE(source) << source.error().message;
  std::vector<float> row(static_cast<std::size_t>(size.width * cut.bands));
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Status last = (*source)->read({{599, 600}, {0, 500}}, row);
    ASSERT_FALSE(last) << "attempt " << attempt;
    EXPECT_EQ(last.error().code, ErrorCode::io);
    EXPECT_TRUE(mentions(last.error(), path)) << last.error().message;
    EXPECT_TRUE(mentions(last.error(), "rows [599, 600)")) << last.error().message;

    const Status first = (*source)->read({{0, 1}, {0, 500}}, row);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(std::equal(row.begin(), row.begin() + 500, whole.begin()));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, GdalCutFile,
    ::testing::Values(
        Cut{"cut.jpg", "JPEG", 3, {}}, Cut{"grey.jpg", "JPEG", 1, {}}, Cut{"cut.png", "PNG", 3, {}},
        Cut{"raw.tif", "GTiff", 3, {}}, Cut{"deflate.tif", "GTiff", 3, {"COMPRESS=DEFLATE"}},
        Cut{"tiled.tif", "GTiff", 1, {"COMPRESS=LZW", "TILED=YES"}},
        Cut{"jpeg.tif", "GTiff", 3, {"COMPRESS=JPEG", "PHOTOMETRIC=YCBCR", "BLOCKYSIZE=16"}},
        Cut{"one_strip_jpeg.tif", "GTiff", 1, {"COMPRESS=JPEG", "BLOCKYSIZE=304"}}),
    name_of_file);

class GdalCutAnywhere : public GdalDamage, public ::testing::WithParamInterface<Cut> {};

// Formats that keep rows upside down, or decode all or nothing: opening or reading everything must
// fail.
TEST_P(GdalCutAnywhere, IsAnError) {
  const Cut& cut = GetParam();
  const std::string path = folder_.file(cut.name);
  const Size size{600, 500};
  write_raster({path, cut.driver, size, cut.bands, GDT_Byte, cut.options},
               landscape(size, cut.bands, 255));
  std::vector<float> pixels = read_all(path);
  cut_to(path, 0.6);
  auto source = open_image(path);
  const Status status = source ? (*source)->read(Rect::of(size), pixels) : fail(source.error());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  EXPECT_TRUE(mentions(status.error(), path)) << status.error().message;
  EXPECT_FALSE(mentions(status.error(), "\n")) << status.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, GdalCutAnywhere,
    ::testing::Values(Cut{"progressive.jpg", "JPEG", 3, {"PROGRESSIVE=ON"}},
                      Cut{"cut.bmp", "BMP", 3, {}}, Cut{"hfa.img", "HFA", 2, {}},
                      Cut{"cut.webp", "WEBP", 3, {"LOSSLESS=YES"}},
                      Cut{"cut.jp2", "JP2OpenJPEG", 3, {"REVERSIBLE=YES", "QUALITY=100"}},
                      Cut{"cut.gif", "GIF", 1, {}}, Cut{"bip.raw", "ENVI", 2, {"INTERLEAVE=BIP"}},
                      Cut{"bil.raw", "ENVI", 2, {"INTERLEAVE=BIL"}}, Cut{"bsq.raw", "ENVI", 2, {}}),
    name_of_file);

// A cut in the middle of a strip of JPEG: its decoder warns and fills up with grey.
TEST_F(GdalDamage, OverwrittenJpegDataIsAnError) {
  const std::string path = folder_.file("flipped.jpg");
  write_raster({path, "JPEG", {300, 300}, 1, GDT_Byte, {}}, landscape({300, 300}, 1, 255));
  std::string bytes = bytes_of(path);
  const std::string marker_in_the_pixels = "\xFF\xD9";
  bytes.replace(bytes.size() / 2, 2, marker_in_the_pixels);
  put_bytes(path, bytes);
  auto source = open_image(path);
  ASSERT_TRUE(source);
  std::vector<float> out(300 * 300);
  const Status status = (*source)->read({{0, 300}, {0, 300}}, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
}

TEST_F(GdalDamage, FileGoneWhileOpenIsAnErrorAtMost) {
  const std::string path = folder_.file("gone.tif");
  const std::vector<float> pixels = noise({300, 300}, 1, 255);
  write_raster({path, "GTiff", {300, 300}, 1, GDT_Byte, {}}, pixels);
  auto source = open_image(path);
  ASSERT_TRUE(source);
  std::filesystem::resize_file(path, 0);
  std::vector<float> out(300 * 300);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Status status = (*source)->read({{0, 300}, {0, 300}}, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::io);
  }
}

}  // namespace
}  // namespace sectile::internal::testing
