// docs/formats.md is what the code does. The whole page takes minutes: here, every name in it, and
// the rows of common formats.
#include "tests/image/gdal_formats.h"

#include <gdal.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace sectile::internal::testing {
namespace {

class GdalFormats : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::ifstream file(SECTILE_SOURCE_DIR "/docs/formats.md");
    page_.assign(std::istreambuf_iterator<char>(file), {});
    const std::string version = GDALVersionInfo("RELEASE_NAME");
    if (page_.find("GDAL " + version + ";") == std::string::npos) {
      GTEST_SKIP() << "docs/formats.md is of another GDAL than " << version;
    }
  }
  std::string page_;
};

TEST_F(GdalFormats, ThePageNamesAll) {
  const std::size_t refused = page_.find("\nRefused");
  ASSERT_NE(refused, std::string::npos);
  for (const std::string& name : writable_formats()) {
    const bool has_row = page_.find("\n| " + name + " |") != std::string::npos;
    const bool is_refused = page_.find(" " + name, refused) != std::string::npos;
    EXPECT_TRUE(has_row || is_refused) << name << ": run `make docs`";
  }
}

TEST_P(GdalFormats, ThePageHasTheRow) {
  const std::string row = row_of_format(GetParam());
  if (row.empty()) {
    EXPECT_EQ(page_.find(std::string("\n| ") + GetParam() + " |"), std::string::npos);
    EXPECT_NE(page_.find(std::string(" ") + GetParam(), page_.find("\nRefused")),
              std::string::npos);
  } else {
    EXPECT_NE(page_.find("\n" + row), std::string::npos) << row << "run `make docs`";
  }
}

INSTANTIATE_TEST_SUITE_P(Common, GdalFormats,
                         ::testing::Values("GTiff", "COG", "PNG", "JPEG", "BMP", "GIF", "WEBP",
                                           "SGI", "ENVI", "HFA", "PNM", "GS7BG", "MRF"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace sectile::internal::testing
