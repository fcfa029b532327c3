// That an image was approximated stands in the file, and is found there again.
#include <gtest/gtest.h>

#include <algorithm>

#include "src/image/gdal/approximation.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

constexpr const char* kNote =
    "tiles of 288x288, overlap 72x72, Hann blend; not the bits of a whole-image run";

ImageInfo photograph(const std::string& note) {
  ImageInfo info;
  info.size = {40, 50};
  info.bands = 3;
  info.pixel_type = PixelType::u8;
  info.approximation = note;
  return info;
}

void write_file(const std::string& path, const ImageInfo& info, const CreateOptions& options = {}) {
  auto sink = create_image(path, info, options);
  ASSERT_TRUE(sink) << sink.error().message;
  const auto status = write_all(**sink, noise(info.size, info.bands, 255), 7);
  ASSERT_TRUE(status) << status.error().message;
}

TEST(GdalApproximation, StandsInTheFileItself) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.tif", "a.cog.tif", "a.png", "a.jpg"}) {
    write_file(folder.file(name), photograph(kNote));
    EXPECT_EQ(info_of(folder.file(name)).approximation, kNote) << name;
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.cog.tif", "a.jpg", "a.png", "a.tif"}));
}

TEST(GdalApproximation, IsNotSaidOfOthers) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.tif", "a.png", "a.jpg"}) {
    write_file(folder.file(name), photograph(""));
    EXPECT_EQ(info_of(folder.file(name)).approximation, "") << name;
    EXPECT_EQ(bytes_of(folder.file(name)).find("SECTILE"), std::string::npos) << name;
  }
}

TEST(GdalApproximation, StandsBesideAFileThatCannotHoldIt) {
  const TemporaryFolder folder;
  CreateOptions options;
  options.format = "BMP";
  write_file(folder.file("a.bmp"), photograph(kNote), options);
  EXPECT_EQ(info_of(folder.file("a.bmp")).approximation, kNote);
  options.overwrite = true;
  write_file(folder.file("a.bmp"), photograph(""), options);
  EXPECT_EQ(info_of(folder.file("a.bmp")).approximation, "");
}

TEST(GdalApproximation, KeepsTheCallersComment) {
  const TemporaryFolder folder;
  CreateOptions options;
  options.driver_options = {"COMMENT=by me"};
  write_file(folder.file("a.jpg"), photograph(kNote), options);
  EXPECT_NE(bytes_of(folder.file("a.jpg")).find("by me"), std::string::npos);
  EXPECT_TRUE(info_of(folder.file("a.jpg")).approximation.starts_with(kNote));
}

}  // namespace
}  // namespace sectile::internal::testing
