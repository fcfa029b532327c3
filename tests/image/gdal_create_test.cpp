// What create_image refuses before the first pixel, and that a refusal leaves nothing behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sectile/image_files.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

ImageInfo image(int bands, PixelType type, Size size = {20, 30}) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  info.pixel_type = type;
  return info;
}

class GdalCreate : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }
  void TearDown() override {
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(folder_.names(), expected_names_);
  }

  // The message must name the path and every one of `words`.
  void expect_refused(const std::string& path, const ImageInfo& info, const CreateOptions& options,
                      ErrorCode code, std::vector<std::string> words = {}) {
    auto sink = create_image(path, info, options);
    ASSERT_FALSE(sink) << path;
    const std::string& message = sink.error().message;
    EXPECT_EQ(sink.error().code, code) << message;
    EXPECT_TRUE(message.starts_with("[create_image] ")) << message;
    words.push_back(path);
    for (const std::string& word : words) {
      EXPECT_NE(message.find(word), std::string::npos) << word << " in: " << message;
    }
  }

  TemporaryFolder folder_;
  std::vector<std::string> expected_names_;
  const ImageInfo rgb_ = image(3, PixelType::u8);
};

TEST_F(GdalCreate, ExistingOutput) {
  const std::string path = folder_.file("there.tif");
  put_bytes(path, "old");
  expect_refused(path, rgb_, {}, ErrorCode::invalid_argument, {"exists"});
  EXPECT_EQ(bytes_of(path), "old");
  EXPECT_TRUE(create_image(path, rgb_, {.overwrite = true, .format = {}, .driver_options = {}}));
  EXPECT_EQ(bytes_of(path), "old");
  expected_names_ = {"there.tif"};
}

TEST_F(GdalCreate, OutputThatIsNoPlainFile) {
  const CreateOptions overwrite{.overwrite = true, .format = {}, .driver_options = {}};
  std::filesystem::create_directory(folder_.path() / "folder.tif");
  expect_refused(folder_.file("folder.tif"), rgb_, overwrite, ErrorCode::invalid_argument,
                 {"plain file"});
  expect_refused("/dev/null", rgb_, {.overwrite = true, .format = "GTiff", .driver_options = {}},
                 ErrorCode::invalid_argument, {"plain file"});
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  expected_names_ = {"folder.tif"};
}

TEST_F(GdalCreate, MissingFolder) {
  expect_refused(folder_.file("no/such/out.tif"), rgb_, {}, ErrorCode::not_found,
                 {folder_.file("no/such") + ","});
}

TEST_F(GdalCreate, FileInPlaceOfFolder) {
  put_bytes(folder_.file("plain"), "x");
  expect_refused(folder_.file("plain/out.tif"), rgb_, {}, ErrorCode::not_found,
                 {folder_.file("plain") + ","});
  expected_names_ = {"plain"};
}

// Not even root makes files in /proc.
TEST_F(GdalCreate, FolderThatCannotBeWritten) {
  if (!std::filesystem::is_directory("/proc/self")) GTEST_SKIP() << "no /proc here";
  expect_refused("/proc/out.tif", rgb_, {}, ErrorCode::io, {"folder /proc,"});
}

TEST_F(GdalCreate, UnknownEnding) {
  for (const char* name : {"out.xyz", "out", "out.", "out.tif.gz"}) {
    expect_refused(folder_.file(name), rgb_, {}, ErrorCode::invalid_argument,
                   {".tif", ".tiff", ".png", ".jpg", ".jpeg"});
  }
}

TEST_F(GdalCreate, EndingsInCapitalsAreKnown) {
  for (const char* name : {"out.TIF", "out.Tiff", "out.PNG", "out.JPG", "out.JPEG"}) {
    EXPECT_TRUE(create_image(folder_.file(name), rgb_)) << name;
  }
}

TEST_F(GdalCreate, CogByItsEnding) {
  const std::string path = folder_.file("out.cog.tif");
  auto sink = create_image(path, rgb_);
  ASSERT_TRUE(sink) << sink.error().message;
  const std::vector<float> pixels(static_cast<std::size_t>(rgb_.size.area() * rgb_.bands), 7);
  ASSERT_TRUE((*sink)->write({0, rgb_.size.height}, pixels));
  ASSERT_TRUE((*sink)->finish());
  EXPECT_NE(bytes_of(path).find("LAYOUT=IFDS_BEFORE_DATA"), std::string::npos);
  expected_names_ = {"out.cog.tif"};
}

TEST_F(GdalCreate, PixelTypeThatTheFormatLacks) {
  const auto code = ErrorCode::invalid_argument;
  expect_refused(folder_.file("o.png"), image(1, PixelType::f32), {}, code, {"f32", "u8, u16"});
  expect_refused(folder_.file("o.png"), image(1, PixelType::i16), {}, code, {"i16", "u8, u16"});
  expect_refused(folder_.file("o.png"), image(1, PixelType::i8), {}, code, {"i8", "u8, u16"});
  expect_refused(folder_.file("o.jpg"), image(3, PixelType::u16), {}, code, {"u16", "only u8"});
  expect_refused(folder_.file("o.bmp"), image(3, PixelType::f32),
                 {.overwrite = false, .format = "BMP", .driver_options = {}}, code, {"f32", "u8"});
}

TEST_F(GdalCreate, NumberOfBandsThatTheFormatLacks) {
  const auto code = ErrorCode::invalid_argument;
  expect_refused(folder_.file("o.png"), image(5, PixelType::u8), {}, code,
                 {"5 bands", "1, 2, 3, 4"});
  expect_refused(folder_.file("o.jpg"), image(2, PixelType::u8), {}, code, {"2 bands", "1, 3"});
  expect_refused(folder_.file("o.jpg"), image(4, PixelType::u8), {}, code, {"4 bands", "1, 3"});
  // Written nowhere: found by a trial.
  expect_refused(folder_.file("o.webp"), image(2, PixelType::u8),
                 {.overwrite = false, .format = "WEBP", .driver_options = {}}, code, {"WEBP"});
}

TEST_F(GdalCreate, SizesThatMakeNoImage) {
  const auto code = ErrorCode::invalid_argument;
  expect_refused(folder_.file("o.tif"), image(1, PixelType::u8, {0, 5}), {}, code, {"5x0"});
  expect_refused(folder_.file("o.tif"), image(1, PixelType::u8, {1, 3000000000}), {}, code,
                 {"3000000000x1"});
  expect_refused(folder_.file("o.tif"), image(0, PixelType::u8), {}, code, {"0 bands"});
  expect_refused(folder_.file("o.jpg"), image(1, PixelType::u8, {70000, 10}), {}, code, {"65500"});
}

TEST_F(GdalCreate, SizesThatFormatsCannotHold) {
  const auto refused = [&](const char* name, const char* format, Size size, const char* word) {
    expect_refused(folder_.file(name), image(3, PixelType::u8, size),
                   {.overwrite = false, .format = format, .driver_options = {}},
                   ErrorCode::invalid_argument, {word});
  };
  refused("o.png", "", {1, 1000001}, "1000000");
  refused("o.png", "", {1000001, 1}, "1000000");
  refused("o.webp", "WEBP", {1, 16384}, "16383");
  refused("o.rgb", "SGI", {65536, 1}, "65535");
  EXPECT_TRUE(create_image(folder_.file("o.png"), image(1, PixelType::u8, {1, 1000000})));
}

// What the drivers make without a word: bands of f64, one of three bands, pixels of one bit.
TEST_F(GdalCreate, ImagesThatAFormatDoesNotKeep) {
  const auto refused = [&](const char* format, int bands, PixelType type, const char* word) {
    expect_refused(folder_.file("o.grd"), image(bands, type),
                   {.overwrite = false, .format = format, .driver_options = {}},
                   ErrorCode::invalid_argument, {format, word, "GTiff"});
  };
  refused("GS7BG", 1, PixelType::u8, "f64");
  refused("XYZ", 3, PixelType::u8, "bands");
  refused("CALS", 1, PixelType::u8, "pixels");
  refused("AAIGrid", 1, PixelType::u16, "i32");
}

TEST_F(GdalCreate, UnknownFormat) {
  const auto code = ErrorCode::invalid_argument;
  const CreateOptions unknown{.overwrite = false, .format = "NoSuchFormat", .driver_options = {}};
  expect_refused(folder_.file("o.tif"), rgb_, unknown, code, {"NoSuchFormat"});
}

TEST_F(GdalCreate, FormatsThatAreNotWritten) {
  for (const char* format : {"MEM", "VRT", "SRTMHGT_", "DIMAP", "GeoJSON"}) {
    const CreateOptions options{.overwrite = false, .format = format, .driver_options = {}};
    const auto code =
        std::string(format) == "SRTMHGT_" ? ErrorCode::invalid_argument : ErrorCode::unsupported;
    expect_refused(folder_.file("o.x"), rgb_, options, code, {format});
  }
}

TEST_F(GdalCreate, DriverOptionsThatMeanNothing) {
  const auto code = ErrorCode::invalid_argument;
  const auto with = [](std::string option) {
    return CreateOptions{.overwrite = false, .format = {}, .driver_options = {std::move(option)}};
  };
  expect_refused(folder_.file("o.tif"), rgb_, with("COMPRESS"), code, {"KEY=VALUE"});
  expect_refused(folder_.file("o.tif"), rgb_, with("=5"), code, {"KEY=VALUE"});
  expect_refused(folder_.file("o.tif"), rgb_, with("COMPRES=LZW"), code, {"COMPRES"});
  expect_refused(folder_.file("o.tif"), rgb_, with("COMPRESS=NOTHING"), code, {"NOTHING"});
  expect_refused(folder_.file("o.jpg"), rgb_, with("QUALITY=1000"), code, {"1000"});
}

TEST_F(GdalCreate, CoordinateSystemThatIsNone) {
  ImageInfo info = rgb_;
  info.geo.crs_wkt = "nowhere at all";
  expect_refused(folder_.file("o.tif"), info, {}, ErrorCode::invalid_argument, {"nowhere at all"});
}

TEST_F(GdalCreate, PathsThatNameNoFile) {
  const CreateOptions tiff{.overwrite = false, .format = "GTiff", .driver_options = {}};
  expect_refused("", rgb_, tiff, ErrorCode::invalid_argument);
  expect_refused(folder_.path().string() + "/", rgb_, tiff, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace sectile::internal::testing
