// A disk that fills up is an error, whichever byte is the first that does not fit.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>

#include "sectile/image_files.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

constexpr std::uintmax_t disk_bytes = 1U << 20U;
constexpr std::uintmax_t page_bytes = 4096;

// A file system in memory. Only root may mount one; without it the tests are skipped.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("none", path().c_str(), "tmpfs", 0, "size=1m") == 0) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount(path().c_str());
  }

  bool mounted() const { return mounted_; }
  std::string path() const { return folder_.path().string(); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::vector<std::string> names() const { return folder_.names(); }

  // Leaves `bytes` free, by one large file.
  void leave(std::uintmax_t bytes) const {
    std::filesystem::remove(file("ballast"));
    const std::uintmax_t available = std::filesystem::space(path()).available;
    if (available > bytes) put_bytes(file("ballast"), std::string(available - bytes, 'x'));
  }

 private:
  TemporaryFolder folder_;
  bool mounted_;
};

class GdalFullDisk : public ::testing::TestWithParam<Output> {};

// From far too little room to enough, a page at a time: an io error and the old file, or a whole
// new one.
TEST_P(GdalFullDisk, IsAnErrorOrAWholeFile) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "cannot mount a file system here";
  const Output& output = GetParam();
  const std::string path = disk.file(output.name);
  const std::vector<float> pixels = landscape(small_rgb().size, 3, 255);
  ASSERT_TRUE(write_small(path, output, pixels));
  const std::vector<float> expected = read_all(path);

  int errors = 0;
  int successes = 0;
  for (std::uintmax_t room = 0; room < disk_bytes / 2 && successes < 3; room += page_bytes) {
    put_bytes(path, "old");
    disk.leave(room);
    ::testing::internal::CaptureStderr();
    const Status status = write_small(path, output, pixels);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    if (status) {
      ++successes;
      EXPECT_EQ(read_all(path), expected) << room;
    } else {
      ++errors;
      EXPECT_EQ(status.error().code, ErrorCode::io) << room << ": " << status.error().message;
      EXPECT_NE(status.error().message.find(path), std::string::npos) << status.error().message;
      EXPECT_EQ(bytes_of(path), "old") << room;
    }
    std::filesystem::remove(disk.file("ballast"));
    EXPECT_EQ(disk.names(), std::vector<std::string>{output.name}) << room;
  }
  EXPECT_GT(errors, 0);
  EXPECT_EQ(successes, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, GdalFullDisk,
    ::testing::Values(Output{"deflate.tif", "GTiff", {}},
                      Output{"raw.tif", "GTiff", {"COMPRESS=NONE"}},
                      Output{"strips.tif", "GTiff", {"TILED=NO", "BLOCKYSIZE=8"}},
                      Output{"out.png", "PNG", {}}, Output{"out.jpg", "JPEG", {}},
                      Output{"cog.tif", "COG", {}}, Output{"out.bmp", "BMP", {}},
                      Output{"out.rgb", "SGI", {}}, Output{"out.webp", "WEBP", {"LOSSLESS=YES"}},
                      Output{"out.jp2", "JP2OpenJPEG", {}}),
    [](const auto& test) {
      std::string name = test.param.name;
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace sectile::internal::testing
