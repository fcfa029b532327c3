// What create_image makes: pixels, tags, size, and nothing before finish().
#include <cpl_conv.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <ogr_srs_api.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "sectile/image_files.h"
#include "src/image/gdal/call.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

ImageInfo image(Size size, int bands, PixelType type) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  info.pixel_type = type;
  return info;
}

CreateOptions as(const std::string& format, std::vector<std::string> driver_options = {}) {
  return {.overwrite = false, .format = format, .driver_options = std::move(driver_options)};
}

const CreateOptions overwrite{.overwrite = true, .format = {}, .driver_options = {}};

Status write_file(const std::string& path, const ImageInfo& info, const std::vector<float>& pixels,
                  const CreateOptions& options = {}, std::int64_t rows_per_call = 37) {
  auto sink = create_image(path, info, options);
  if (!sink) return fail(sink.error());
  return write_all(**sink, pixels, rows_per_call);
}

// Nothing may reach stderr, whatever happens.
class GdalSink : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }
  void TearDown() override { EXPECT_EQ(::testing::internal::GetCapturedStderr(), ""); }
  TemporaryFolder folder_;
};

TEST_F(GdalSink, EveryPixelTypeComesBackAsTiff) {
  for (const PixelType type : {PixelType::u8, PixelType::i8, PixelType::u16, PixelType::i16,
                               PixelType::u32, PixelType::i32, PixelType::f32, PixelType::f64}) {
    const std::string path = folder_.file(fmt::format("{}.tif", to_string(type)));
    const ImageInfo info = image({300, 517}, 2, type);
    const int maximum = static_cast<int>(std::min(maximum_of(type), 30000.0));
    std::vector<float> pixels = noise(info.size, 2, std::max(maximum, 100));
    if (type == PixelType::i8) pixels[5] = -128;
    const Status status = write_file(path, info, pixels);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(info_of(path).pixel_type, type);
    EXPECT_EQ(read_all(path), pixels) << path;
  }
}

TEST_F(GdalSink, AnySizeOfWritesGivesTheSameFile) {
  const ImageInfo info = image({530, 300}, 3, PixelType::u8);
  const std::vector<float> pixels = landscape(info.size, 3, 255);
  ASSERT_TRUE(write_file(folder_.file("530.tif"), info, pixels, {}, 530));
  const std::string expected = bytes_of(folder_.file("530.tif"));
  for (const std::int64_t rows : {1, 100, 256, 257, 512}) {
    const std::string path = folder_.file(fmt::format("{}.tif", rows));
    ASSERT_TRUE(write_file(path, info, pixels, {}, rows));
    EXPECT_EQ(bytes_of(path), expected) << rows;
  }
}

TEST_F(GdalSink, RoundsAndClamps) {
  const std::vector<float> values{-0.6F, 0.49F, 0.5F, 254.5F, 255.4F, 1e9F, -1e9F, NAN, INFINITY};
  const auto come_back = [&](PixelType type) {
    const std::string path = folder_.file(fmt::format("edge_{}.tif", to_string(type)));
    EXPECT_TRUE(write_file(path, image({1, 9}, 1, type), values));
    return read_all(path);
  };
  using Values = std::vector<float>;
  EXPECT_EQ(come_back(PixelType::u8), (Values{0, 0, 1, 255, 255, 255, 0, 0, 255}));
  EXPECT_EQ(come_back(PixelType::i8), (Values{-1, 0, 1, 127, 127, 127, -128, 0, 127}));
  EXPECT_EQ(come_back(PixelType::u16), (Values{0, 0, 1, 255, 255, 65535, 0, 0, 65535}));
  EXPECT_EQ(come_back(PixelType::i16), (Values{-1, 0, 1, 255, 255, 32767, -32768, 0, 32767}));
  EXPECT_EQ(come_back(PixelType::i32), (Values{-1, 0, 1, 255, 255, 1e9F, -1e9F, 0, 2147483647.0F}));
  EXPECT_EQ(come_back(PixelType::u32), (Values{0, 0, 1, 255, 255, 1e9F, 0, 0, 4294967295.0F}));
}

TEST_F(GdalSink, FloatsKeepWhatIsNoNumber) {
  const std::string path = folder_.file("f32.tif");
  ASSERT_TRUE(write_file(path, image({1, 3}, 1, PixelType::f32), {NAN, -INFINITY, -0.25F}));
  const std::vector<float> back = read_all(path);
  EXPECT_TRUE(std::isnan(back[0]));
  EXPECT_EQ(back[1], -INFINITY);
  EXPECT_EQ(back[2], -0.25F);
}

TEST_F(GdalSink, PngHoldsOneToFourBandsOfEightOrSixteenBits) {
  for (const PixelType type : {PixelType::u8, PixelType::u16}) {
    for (int bands = 1; bands <= 4; ++bands) {
      const std::string path = folder_.file(fmt::format("{}_{}.png", to_string(type), bands));
      const ImageInfo info = image({70, 45}, bands, type);
      const std::vector<float> pixels = noise(info.size, bands, static_cast<int>(maximum_of(type)));
      const Status status = write_file(path, info, pixels);
      ASSERT_TRUE(status) << status.error().message;
      EXPECT_EQ(info_of(path).pixel_type, type);
      EXPECT_EQ(read_all(path), pixels) << path;
    }
  }
  EXPECT_EQ(folder_.names().size(), 8U);  // no side files
}

TEST_F(GdalSink, JpegIsCloseAndOfHighQuality) {
  for (const int bands : {1, 3}) {
    const std::string path = folder_.file(fmt::format("{}.jpg", bands));
    const ImageInfo info = image({200, 150}, bands, PixelType::u8);
    std::vector<float> pixels = landscape(info.size, bands, 200);
    ASSERT_TRUE(write_file(path, info, pixels));
    const std::vector<float> back = read_all(path);
    double sum = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) sum += std::abs(back[i] - pixels[i]);
    EXPECT_LT(sum / static_cast<double>(pixels.size()), 3.0);
  }
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"1.jpg", "3.jpg"}));
}

TEST_F(GdalSink, OptionsOverrideOurs) {
  const ImageInfo info = image({300, 300}, 3, PixelType::u8);
  const std::vector<float> pixels = landscape(info.size, 3, 255);
  ASSERT_TRUE(write_file(folder_.file("95.jpg"), info, pixels));
  ASSERT_TRUE(write_file(folder_.file("30.jpg"), info, pixels, as("", {"quality=30"})));
  EXPECT_LT(bytes_of(folder_.file("30.jpg")).size() * 2, bytes_of(folder_.file("95.jpg")).size());
  ASSERT_TRUE(write_file(folder_.file("z.tif"), info, pixels));
  EXPECT_EQ(info_of(folder_.file("z.tif")).block, (Size{256, 256}));
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"COMPRESS=NONE"},
                                             {"COMPRESS=LZW", "BLOCKXSIZE=64", "BLOCKYSIZE=32"},
                                             {"TILED=NO"},
                                             {"INTERLEAVE=BAND", "COMPRESS=ZSTD"},
                                             {"TILED=NO", "BLOCKYSIZE=5"},
                                             {"NUM_THREADS=2"}}) {
    const std::string path = folder_.file("options.tif");
    CreateOptions create = as("", options);
    create.overwrite = true;
    const Status status = write_file(path, info, pixels, create);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(read_all(path), pixels) << options[0];
  }
}

TEST_F(GdalSink, OtherFormatsByName) {
  const ImageInfo info = image({300, 270}, 3, PixelType::u8);
  const std::vector<float> pixels = landscape(info.size, 3, 255);
  const std::vector<std::pair<std::string, CreateOptions>> files{
      {"cog.tif", as("COG")},
      {"raw.img", as("ENVI")},
      {"raw.bmp", as("BMP")},
      {"hfa.img", as("HFA")},
      {"lossless.jp2", as("JP2OpenJPEG", {"REVERSIBLE=YES", "QUALITY=100"})},
      {"lossless.webp", as("webp", {"LOSSLESS=YES"})}};
  for (const auto& [name, options] : files) {
    const Status status = write_file(folder_.file(name), info, pixels, options);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(read_all(folder_.file(name)), pixels) << name;
  }
}

TEST_F(GdalSink, AHeaderFileTravelsWithItsImage) {
  const ImageInfo info = image({9, 8}, 1, PixelType::u8);
  ASSERT_TRUE(write_file(folder_.file("raw.img"), info, noise(info.size, 1, 255), as("ENVI")));
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"raw.hdr", "raw.img"}));
}

bool same_crs(const std::string& a, const std::string& b) {
  const OGRSpatialReferenceH first = OSRNewSpatialReference(a.c_str());
  const OGRSpatialReferenceH second = OSRNewSpatialReference(b.c_str());
  const bool same = OSRIsSame(first, second) != 0;
  OSRRelease(first);
  OSRRelease(second);
  return same;
}

TEST_F(GdalSink, TheGeoreferenceTravels) {
  ImageInfo info = image({40, 30}, 1, PixelType::u8);
  info.geo.transform = {500000, 10, 0.5, 5400000, 0.25, -10};
  info.geo.crs_wkt = utm_33();
  info.geo.nodata = 7;
  const std::vector<float> pixels = noise(info.size, 1, 255);
  for (const char* name : {"geo.tif", "geo.png", "geo.jpg"}) {
    const std::string path = folder_.file(name);
    const Status status = write_file(path, info, pixels);
    ASSERT_TRUE(status) << status.error().message;
    const GeoReference geo = info_of(path).geo;
    EXPECT_EQ(geo.transform, info.geo.transform) << name;
    EXPECT_TRUE(same_crs(geo.crs_wkt, info.geo.crs_wkt)) << geo.crs_wkt;
    EXPECT_EQ(geo.nodata, info.geo.nodata) << name;
  }
  ASSERT_TRUE(write_file(folder_.file("mask.jpg"), info, pixels, as("", {"INTERNAL_MASK=YES"})));
  // A second image, made from what the first says of itself, says the same.
  const ImageInfo copied = info_of(folder_.file("geo.tif"));
  ASSERT_TRUE(write_file(folder_.file("copy.tif"), copied, pixels));
  EXPECT_EQ(info_of(folder_.file("copy.tif")).geo.crs_wkt, copied.geo.crs_wkt);
}

TEST_F(GdalSink, NoGeoreferenceStaysNone) {
  const ImageInfo info = image({4, 3}, 1, PixelType::u8);
  ASSERT_TRUE(write_file(folder_.file("plain.tif"), info, noise(info.size, 1, 255)));
  const GeoReference geo = info_of(folder_.file("plain.tif")).geo;
  EXPECT_FALSE(geo.transform);
  EXPECT_EQ(geo.crs_wkt, "");
  EXPECT_FALSE(geo.nodata);
}

TEST_F(GdalSink, NoDataThatThePixelsCannotHaveIsLeftOut) {
  ImageInfo info = image({4, 3}, 1, PixelType::u8);
  info.geo.nodata = -9999;
  ASSERT_TRUE(write_file(folder_.file("byte.tif"), info, noise(info.size, 1, 255)));
  EXPECT_FALSE(info_of(folder_.file("byte.tif")).geo.nodata);
  info.pixel_type = PixelType::f32;
  ASSERT_TRUE(write_file(folder_.file("float.tif"), info, noise(info.size, 1, 255)));
  EXPECT_EQ(info_of(folder_.file("float.tif")).geo.nodata, -9999);
}

TEST_F(GdalSink, TiffsAreTiledAndCompressed) {
  for (const PixelType type : {PixelType::u8, PixelType::f32}) {
    const std::string path = folder_.file(fmt::format("{}.tif", to_string(type)));
    const ImageInfo info = image({600, 500}, 3, type);
    ASSERT_TRUE(write_file(path, info, landscape(info.size, 3, 255)));
    EXPECT_EQ(info_of(path).block, (Size{256, 256}));
    const std::int64_t raw_bytes = info.size.area() * 3 * (type == PixelType::u8 ? 1 : 4);
    EXPECT_LT(static_cast<std::int64_t>(bytes_of(path).size()), raw_bytes * 8 / 10);
  }
}

TEST_F(GdalSink, ThreeBandsAreColours) {
  const ImageInfo info = image({4, 3}, 3, PixelType::u16);
  ASSERT_TRUE(write_file(folder_.file("rgb.tif"), info, noise(info.size, 3, 65535)));
  const Dataset file(GDALOpen(folder_.file("rgb.tif").c_str(), GA_ReadOnly));
  EXPECT_EQ(GDALGetRasterColorInterpretation(GDALGetRasterBand(file.get(), 1)), GCI_RedBand);
  EXPECT_EQ(GDALGetRasterColorInterpretation(GDALGetRasterBand(file.get(), 3)), GCI_BlueBand);
}

// The same tiles written once each, in the same order, make the same file: the sizes differ by less
// than a hundredth. A small cache would push out half-filled tiles, if they went through it.
TEST_F(GdalSink, BandedWritesMakeNoLargerFileThanOneCopy) {
  const Size size{1500, 1700};
  const std::vector<float> pixels = landscape(size, 3, 255);
  write_raster({folder_.file("copy.tif"),
                "GTiff",
                size,
                3,
                GDT_Byte,
                {"TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=2", "PHOTOMETRIC=RGB"}},
               pixels);
  const GIntBig cache_before = GDALGetCacheMax64();
  for (const GIntBig cache_bytes : {cache_before, GIntBig{200000}}) {
    GDALSetCacheMax64(cache_bytes);
    const std::string path = folder_.file("banded.tif");
    CreateOptions options = as("", {"COMPRESS=DEFLATE", "PREDICTOR=2"});
    options.overwrite = true;
    ASSERT_TRUE(write_file(path, image(size, 3, PixelType::u8), pixels, options, 100));
    const auto copy_bytes = static_cast<double>(bytes_of(folder_.file("copy.tif")).size());
    EXPECT_NEAR(static_cast<double>(bytes_of(path).size()), copy_bytes, copy_bytes / 100);
  }
  GDALSetCacheMax64(cache_before);
}

class GdalSinkAtomic : public GdalSink, public ::testing::WithParamInterface<const char*> {};

TEST_P(GdalSinkAtomic, NothingShowsBeforeFinish) {
  const std::string path = folder_.file(GetParam());
  const ImageInfo info = image({600, 40}, 3, PixelType::u8);
  const std::vector<float> pixels = noise(info.size, 3, 255);
  auto sink = create_image(path, info);
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_FALSE(std::filesystem::exists(path));
  for (const std::string& name : folder_.names()) EXPECT_TRUE(name.starts_with('.')) << name;
  ASSERT_TRUE(write_all(**sink, pixels, 50));
  EXPECT_EQ(folder_.names(), std::vector<std::string>{GetParam()});
}

TEST_P(GdalSinkAtomic, AnUnfinishedOutputLeavesTheOldOne) {
  const std::string path = folder_.file(GetParam());
  put_bytes(path, "the old image");
  const ImageInfo info = image({600, 40}, 3, PixelType::u8);
  for (const std::int64_t written_rows : {0, 10, 300, 600}) {
    auto sink = create_image(path, info, overwrite);
    ASSERT_TRUE(sink) << sink.error().message;
    const std::vector<float> rows(static_cast<std::size_t>(written_rows * 40 * 3), 9.0F);
    if (written_rows > 0) {
      ASSERT_TRUE((*sink)->write({0, written_rows}, rows));
    }
    sink->reset();
    EXPECT_EQ(bytes_of(path), "the old image");
    EXPECT_EQ(folder_.names(), std::vector<std::string>{GetParam()});
  }
}

TEST_P(GdalSinkAtomic, FinishReplacesTheOldOneAndItsSideFiles) {
  const std::string path = folder_.file(GetParam());
  for (const char* ending : {"", ".aux.xml", ".ovr", ".msk"}) put_bytes(path + ending, "old");
  const ImageInfo info = image({60, 40}, 3, PixelType::u8);
  ASSERT_TRUE(write_file(path, info, noise(info.size, 3, 255), overwrite));
  EXPECT_EQ(folder_.names(), std::vector<std::string>{GetParam()});
  EXPECT_EQ(info_of(path).size, info.size);
}

// The output's place is taken by a folder before the end, so that the last step fails.
TEST_P(GdalSinkAtomic, AFailedFinishLeavesTheSideFiles) {
  const std::string path = folder_.file(GetParam());
  for (const char* ending : {"", ".aux.xml", ".ovr"}) put_bytes(path + ending, "old");
  ImageInfo info = image({60, 40}, 3, PixelType::u8);
  info.geo.transform = {500000, 10, 0.5, 5400000, 0.25, -10};
  auto sink = create_image(path, info, overwrite);
  ASSERT_TRUE(sink) << sink.error().message;
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_FALSE(write_all(**sink, noise(info.size, 3, 255), 60));
  sink->reset();
  const std::string name = GetParam();
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{name, name + ".aux.xml", name + ".ovr"}));
  for (const char* ending : {".aux.xml", ".ovr"}) EXPECT_EQ(bytes_of(path + ending), "old");
}

TEST_P(GdalSinkAtomic, FinishReplacesNoFileThatAppearedMeanwhile) {
  const std::string path = folder_.file(GetParam());
  const ImageInfo info = image({60, 40}, 3, PixelType::u8);
  auto sink = create_image(path, info);
  ASSERT_TRUE(sink);
  put_bytes(path, "somebody else's");
  const Status status = write_all(**sink, noise(info.size, 3, 255), 60);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  sink->reset();
  EXPECT_EQ(bytes_of(path), "somebody else's");
  EXPECT_EQ(folder_.names(), std::vector<std::string>{GetParam()});
}

TEST_P(GdalSinkAtomic, FinishWithoutAllRowsIsRefused) {
  const std::string path = folder_.file(GetParam());
  const ImageInfo info = image({60, 40}, 3, PixelType::u8);
  auto sink = create_image(path, info);
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->write({0, 1}, std::vector<float>(120)));
  EXPECT_FALSE((*sink)->finish());
  sink->reset();
  EXPECT_TRUE(folder_.names().empty());
}

TEST_P(GdalSinkAtomic, TwoSinksForOneNameDoNotMeet) {
  const std::string path = folder_.file(GetParam());
  const ImageInfo info = image({60, 40}, 3, PixelType::u8);
  auto first = create_image(path, info, overwrite);
  auto second = create_image(path, info, overwrite);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(write_all(**first, noise(info.size, 3, 255), 60));
  ASSERT_TRUE(write_all(**second, std::vector<float>(60 * 40 * 3, 5.0F), 60));
  EXPECT_NEAR(read_all(path)[77], 5.0F, 1.0F);
  EXPECT_EQ(folder_.names(), std::vector<std::string>{GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Formats, GdalSinkAtomic,
                         ::testing::Values("out.tif", "out.png", "out.jpg"),
                         [](const auto& test) { return std::string(test.param).substr(4); });

TEST_F(GdalSink, ALinkStaysALink) {
  std::filesystem::create_directory(folder_.path() / "far");
  put_bytes(folder_.file("far/real.tif"), "old");
  std::filesystem::create_symlink("far/real.tif", folder_.path() / "link.tif");
  const ImageInfo info = image({6, 4}, 1, PixelType::u8);
  const std::vector<float> pixels = noise(info.size, 1, 255);
  ASSERT_TRUE(write_file(folder_.file("link.tif"), info, pixels, overwrite));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.path() / "link.tif"));
  EXPECT_EQ(read_all(folder_.file("far/real.tif")), pixels);
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"far", "far/real.tif", "link.tif"}));
}

TEST_F(GdalSink, AnImageCanReplaceTheOneItIsMadeFrom) {
  const std::string path = folder_.file("same.png");
  const ImageInfo info = image({50, 40}, 1, PixelType::u8);
  const std::vector<float> pixels = noise(info.size, 1, 200);
  ASSERT_TRUE(write_file(path, info, pixels));
  auto source = open_image(path);
  auto sink = create_image(path, info, overwrite);
  ASSERT_TRUE(source && sink);
  std::vector<float> row(40);
  for (std::int64_t y = 0; y < 50; ++y) {
    ASSERT_TRUE((*source)->read({{y, y + 1}, {0, 40}}, row));
    for (float& value : row) value += 1;
    ASSERT_TRUE((*sink)->write({y, y + 1}, row));
  }
  ASSERT_TRUE((*sink)->finish());
  EXPECT_EQ(read_all(path)[0], pixels[0] + 1);
}

TEST_F(GdalSink, LongNamesFit) {
  const ImageInfo info = image({5, 4}, 1, PixelType::u8);
  for (const std::string ending : {".tif", ".png"}) {
    const std::string path = folder_.file(std::string(251, 'n') + ending);
    const Status status = write_file(path, info, noise(info.size, 1, 255));
    EXPECT_TRUE(status) << status.error().message;
  }
}

}  // namespace
}  // namespace sectile::internal::testing
