#include "src/base/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sectile::internal {
namespace {

namespace fs = std::filesystem;

class MappedFileTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  ~MappedFileTest() override { fs::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "mapped_file_" + std::to_string(getpid());
};

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST_F(MappedFileTest, HoldsTheFilesBytes) {
  const auto file = MappedFile::open(write("some bytes"));
  ASSERT_TRUE(file);
  EXPECT_EQ(text_of(**file), "some bytes");
  EXPECT_EQ((*file)->path(), path_);
}

TEST_F(MappedFileTest, OutlivesTheFilesName) {
  const auto file = MappedFile::open(write("some bytes"));
  ASSERT_TRUE(file);
  fs::remove(path_);
  EXPECT_EQ(text_of(**file), "some bytes");
}

TEST_F(MappedFileTest, MayBeEmpty) {
  const auto file = MappedFile::open(write(""));
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->bytes().empty());
}

// XNNPACK reads a few bytes past the end of a constant, which may end where the file and its last
// page end.
TEST_F(MappedFileTest, CanBeReadALittlePastItsEnd) {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto file = MappedFile::open(write(std::string(page_bytes, 'x')));
  ASSERT_TRUE(file);
  const volatile std::byte* end = (*file)->bytes().data() + page_bytes;
  for (std::size_t i = 0; i < MappedFile::kSpareBytes; ++i) {
    const std::byte spare = end[i];
    EXPECT_EQ(spare, std::byte{0});
  }
}

TEST_F(MappedFileTest, NamesAMissingFile) {
  const auto file = MappedFile::open(path_);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::not_found);
  EXPECT_NE(file.error().message.find(path_), std::string::npos);
}

TEST_F(MappedFileTest, IsNoFolder) {
  const auto file = MappedFile::open(::testing::TempDir());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace sectile::internal
