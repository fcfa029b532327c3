// What files are said to hold in memory while they are read and written.
#include <gdal.h>
#include <gtest/gtest.h>

#include "src/image/held_memory.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr HostOptions kLimited{.limit_gdal_cache = true};

class FileMemory : public ::testing::Test {
 protected:
  // The path of a file of 600 columns and 400 rows.
  std::string make(const std::string& name, const char* driver, int bands,
                   std::vector<const char*> options) {
    const Size size{400, 600};
    const std::string path = folder_.file(name);
    write_raster({path, driver, size, bands, GDT_Byte, std::move(options)},
                 landscape(size, bands, 255));
    return path;
  }
  std::int64_t decoder_bytes_of(const char* driver, const std::string& path) {
    return decoder_bytes(driver, path, info_of(path));
  }

  TemporaryFolder folder_;
};

TEST_F(FileMemory, ATiledFileHoldsARowOfBlocks) {
  const auto tiled =
      info_of(make("a.tif", "GTiff", 3, {"TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=128"}));
  EXPECT_GE(tiled.held_bytes, 128 * 768 * 3);
  EXPECT_LE(tiled.held_bytes, 128 * 768 * 3 + kMiB);
}

// Beside the cache: a compressed block, and a decoded one whose bands the cache has apart.
TEST_F(FileMemory, ABlockOnItsWayIntoTheCacheIsCounted) {
  const auto held = [&](int bands, const char* interleave, const char* compress) {
    return info_of(make("a.tif", "GTiff", bands,
                        {"TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=128", interleave, compress}))
        .held_bytes;
  };
  const std::int64_t block = 128 * 256;
  const std::int64_t apart = held(3, "INTERLEAVE=BAND", "COMPRESS=NONE");
  EXPECT_EQ(held(3, "INTERLEAVE=BAND", "COMPRESS=DEFLATE"), apart + block);
  EXPECT_EQ(held(3, "INTERLEAVE=PIXEL", "COMPRESS=NONE"), apart + 3 * block);
  EXPECT_EQ(held(3, "INTERLEAVE=PIXEL", "COMPRESS=DEFLATE"), apart + 2 * 3 * block);
  const std::int64_t single = held(1, "INTERLEAVE=BAND", "COMPRESS=NONE");
  EXPECT_EQ(held(1, "INTERLEAVE=BAND", "COMPRESS=LZW"), single + block);
}

TEST_F(FileMemory, ACompressedStripIsHeldAsAWhole) {
  const Size size{3000, 300};
  const std::string path = folder_.file("strip.tif");
  write_raster({path, "GTiff", size, 1, GDT_Byte, {"BLOCKYSIZE=3000", "COMPRESS=DEFLATE"}},
               landscape(size, 1, 255));
  const ImageInfo info = info_of(path);
  EXPECT_EQ(info.block.height, 1);
  EXPECT_GT(info.held_bytes, static_cast<std::int64_t>(bytes_of(path).size()) * 9 / 10);
}

TEST_F(FileMemory, EveryOpenFileHasItsShareOfTheCache) {
  const std::string path =
      make("a.tif", "GTiff", 3, {"TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=128"});
  const GIntBig with_none = GDALGetCacheMax64();
  {
    const auto first = open_image(path, kLimited);
    ASSERT_TRUE(first);
    const GIntBig with_one = GDALGetCacheMax64();
    EXPECT_EQ(with_one, 128 * 768 * 3 + kMiB);
    {
      const auto second = open_image(path, kLimited);
      EXPECT_EQ(GDALGetCacheMax64(), 2 * with_one);
    }
    EXPECT_EQ(GDALGetCacheMax64(), with_one);
  }
  EXPECT_EQ(GDALGetCacheMax64(), with_none);
}

TEST_F(FileMemory, TheCacheIsTheHostsUnlessItIsToBeLimited) {
  const std::string path = make("a.tif", "GTiff", 3, {"TILED=YES"});
  const GIntBig before = GDALGetCacheMax64();
  const auto source = open_image(path);
  ASSERT_TRUE(source);
  EXPECT_EQ(GDALGetCacheMax64(), before);
  EXPECT_GE((*source)->info().held_bytes, 400 * 600 * 3);  // all of it may be in that cache
}

TEST_F(FileMemory, ALimitThatTheHostSetsMeanwhileStays) {
  const std::string path = make("a.tif", "GTiff", 3, {"TILED=YES"});
  const GIntBig before = GDALGetCacheMax64();
  const GIntBig hosts = before + 12345;
  {
    const auto source = open_image(path, kLimited);
    ASSERT_TRUE(source);
    GDALSetCacheMax64(hosts);
  }
  EXPECT_EQ(GDALGetCacheMax64(), hosts);
  GDALSetCacheMax64(before);
}

TEST_F(FileMemory, ASmallFileHoldsNoMoreThanItself) {
  const auto strips = info_of(make("a.tif", "GTiff", 1, {}));
  EXPECT_GE(strips.held_bytes, 400 * 600);
  EXPECT_LT(strips.held_bytes, (400 + strips.block.height) * 600);
}

TEST_F(FileMemory, AProgressiveJpegHoldsItsCoefficients) {
  const std::string plain = make("a.jpg", "JPEG", 3, {});
  const std::string progressive = make("b.jpg", "JPEG", 3, {"PROGRESSIVE=YES"});
  EXPECT_EQ(decoder_bytes_of("JPEG", plain), 0);
  EXPECT_EQ(decoder_bytes_of("JPEG", progressive), 400 * 600 * 3 * 2);
  EXPECT_GE(info_of(progressive).held_bytes, 400 * 600 * 3 * 2);
}

TEST_F(FileMemory, AnInterlacedPngHoldsItsPixels) {
  const std::string path = make("a.png", "PNG", 3, {});
  EXPECT_EQ(decoder_bytes_of("PNG", path), 0);
  std::string bytes = bytes_of(path);
  bytes[28] = 1;  // the interlace method, in the header chunk
  const ImageInfo info = info_of(path);
  put_bytes(path, bytes);
  EXPECT_EQ(decoder_bytes("PNG", path, info), 400 * 600 * 3);
}

TEST_F(FileMemory, DamagedFilesHoldNothingMore) {
  const std::string path = make("a.jpg", "JPEG", 1, {});
  const ImageInfo info = info_of(path);
  for (const double fraction : {0.5, 0.01, 0.001, 0.0}) {
    cut_to(path, fraction);
    EXPECT_EQ(decoder_bytes("JPEG", path, info), 0);
    EXPECT_EQ(decoder_bytes("PNG", path, info), 0);
  }
  EXPECT_EQ(decoder_bytes("JPEG", folder_.file("missing"), info), 0);
}

TEST_F(FileMemory, ASinkHoldsARowOfItsBlocks) {
  ImageInfo info;
  info.size = {2000, 1000};
  info.bands = 3;
  info.pixel_type = PixelType::u16;
  const auto sink = create_image(folder_.file("a.tif"), info);
  ASSERT_TRUE(sink);
  EXPECT_GE((*sink)->info().held_bytes, 256 * 1000 * 3 * 2);
  EXPECT_EQ((*sink)->info().held_bytes, writing_bytes(info, {256, 256}));
  CreateOptions options;
  options.driver_options = {"BLOCKYSIZE=512"};
  const auto tall = create_image(folder_.file("b.tif"), info, options);
  ASSERT_TRUE(tall);
  EXPECT_GE((*tall)->info().held_bytes, 512 * 1000 * 3 * 2);
}

}  // namespace
}  // namespace sectile::internal::testing
