// A single write to the disk that fails, whichever one, is an error or does no harm. So is one that
// is lost: its failure comes only when the file is flushed or closed, and few drivers look then.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <tuple>

#include "sectile/image_files.h"
#include "tests/image/gdal_files.h"

namespace {

int writes = 0;
int failing_write = 0;  // counted from 1; 0: none
bool lost = false;      // zeros are written in its place, and it succeeds

}  // namespace

// Stands before the C library's, also for GDAL, which writes files with it.
extern "C" std::size_t fwrite(const void* data, std::size_t bytes, std::size_t count,
                              std::FILE* file) {
  using Function = std::size_t (*)(const void*, std::size_t, std::size_t, std::FILE*);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "fwrite"));
  const bool is_hit = file != stdout && file != stderr && ++writes == failing_write;
  if (!is_hit) return real(data, bytes, count, file);
  if (lost) return real(std::string(bytes * count, '\0').data(), bytes, count, file);
  errno = ENOSPC;
  return 0;
}

namespace sectile::internal::testing {
namespace {

class GdalFailedWrite : public ::testing::TestWithParam<std::tuple<Output, bool>> {};

TEST_P(GdalFailedWrite, IsAnErrorOrDoesNoHarm) {
  constexpr int kMostTries = 60;
  const TemporaryFolder folder;
  const auto& [output, is_lost] = GetParam();
  lost = is_lost;
  if (lost && std::string(output.format) == "GTiff") GTEST_SKIP() << "libtiff looks when it closes";
  const std::string path = folder.file(output.name);
  const std::vector<float> pixels = landscape(small_rgb().size, 3, 255);
  writes = 0;
  failing_write = 0;
  ASSERT_TRUE(write_small(path, output, pixels));
  const std::vector<float> expected = read_all(path);
  const int all_writes = writes;
  ASSERT_GT(all_writes, 0);
  const std::vector<std::string> names = folder.names();

  int errors = 0;
  const int step = std::max(1, all_writes / kMostTries);
  for (int n = 1; n <= all_writes; n += step) {
    put_bytes(path, "old");
    writes = 0;
    failing_write = n;
    const Status status = write_small(path, output, pixels);
    failing_write = 0;
    if (status) {
      EXPECT_EQ(read_all(path), expected) << n << " of " << all_writes;
    } else {
      ++errors;
      EXPECT_NE(status.error().message.find(path), std::string::npos) << status.error().message;
      EXPECT_EQ(bytes_of(path), "old") << n;
    }
    EXPECT_EQ(folder.names(), names) << n;
  }
  EXPECT_GT(errors, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, GdalFailedWrite,
    ::testing::Combine(::testing::Values(Output{"deflate.tif", "GTiff", {}},
                                         Output{"raw.tif", "GTiff", {"COMPRESS=NONE"}},
                                         Output{"cog.tif", "COG", {}},
                                         Output{"jpeg.tif", "COG", {"COMPRESS=JPEG"}},
                                         Output{"out.png", "PNG", {}},
                                         Output{"out.jpg", "JPEG", {}},
                                         Output{"out.bmp", "BMP", {}}, Output{"out.rgb", "SGI", {}},
                                         Output{"out.ppm", "PNM", {}}, Output{"out.img", "HFA", {}},
                                         Output{"out.webp", "WEBP", {}},
                                         Output{"out.jp2", "JP2OpenJPEG", {}}),
                       ::testing::Bool()),
    [](const auto& test) {
      std::string name = std::get<0>(test.param).name;
      std::ranges::replace(name, '.', '_');
      return name + (std::get<1>(test.param) ? "_lost" : "_failed");
    });

}  // namespace
}  // namespace sectile::internal::testing
