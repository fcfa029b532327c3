#include "src/base/program_bytes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace sectile::internal {
namespace {

namespace fs = std::filesystem;

class ProgramBytesTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  ~ProgramBytesTest() override { fs::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "program_bytes_" + std::to_string(getpid());
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_of(const ProgramBytes& program) {
  return {reinterpret_cast<const char*>(program.bytes().data()), program.bytes().size()};
}

// As XNNPACK does with a constant that ends where the program ends.
void expect_zeros_after(const ProgramBytes& program) {
  const volatile std::byte* end = program.bytes().data() + program.bytes().size();
  for (std::size_t i = 0; i < ProgramBytes::kSpareBytes; ++i) {
    const std::byte spare = end[i];
    EXPECT_EQ(spare, std::byte{0});
  }
}

void expect_aligned(const ProgramBytes& program) {
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(program.bytes().data()) % alignof(std::max_align_t),
            0U);
}

void expect_error(const std::string& path, ErrorCode code, const std::string& reason) {
  const auto program = ProgramBytes::read(path);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, code);
  EXPECT_EQ(program.error().message, "[open] " + path + ": " + reason);
}

TEST_F(ProgramBytesTest, HoldsTheFilesBytes) {
  const auto program = ProgramBytes::read(write("some bytes"));
  ASSERT_TRUE(program);
  EXPECT_EQ(text_of(**program), "some bytes");
  EXPECT_EQ((*program)->name(), path_);
  expect_zeros_after(**program);
  expect_aligned(**program);
}

TEST_F(ProgramBytesTest, KeepsWhatItReadWhateverHappensToTheFile) {
  const std::string text(100'000, 'x');
  const auto program = ProgramBytes::read(write(text));
  ASSERT_TRUE(program);
  write("something else");
  EXPECT_EQ(text_of(**program), text);
  fs::remove(path_);
  EXPECT_EQ(text_of(**program), text);
}

TEST_F(ProgramBytesTest, CopiesACallersBytesAtAnyAlignment) {
  const std::string text = "0123456789";
  for (std::size_t first = 0; first < text.size(); ++first) {
    const auto program = ProgramBytes::copy(bytes_of(text).subspan(first), "a name");
    EXPECT_EQ(text_of(*program), text.substr(first));
    EXPECT_EQ(program->name(), "a name");
    expect_zeros_after(*program);
    expect_aligned(*program);
  }
}

TEST_F(ProgramBytesTest, CopiesNothing) {
  EXPECT_TRUE(ProgramBytes::copy({}, "")->bytes().empty());
}

TEST_F(ProgramBytesTest, TakesAVectorWithRoomAsItIs) {
  std::vector<std::byte> bytes(1000, std::byte{7});
  bytes.reserve(bytes.size() + ProgramBytes::kSpareBytes);
  const std::byte* const place = bytes.data();
  const auto program = ProgramBytes::adopt(std::move(bytes), "a name");
  EXPECT_EQ(program->bytes().data(), place);
  EXPECT_EQ(program->bytes().size(), 1000U);
  expect_zeros_after(*program);
}

TEST_F(ProgramBytesTest, GivesAVectorWithoutRoomTheSpareBytes) {
  std::vector<std::byte> bytes(1000, std::byte{7});
  bytes.shrink_to_fit();
  const auto program = ProgramBytes::adopt(std::move(bytes), "a name");
  EXPECT_EQ(text_of(*program), std::string(1000, 7));
  expect_zeros_after(*program);
  expect_aligned(*program);
}

TEST_F(ProgramBytesTest, RefusesWhatIsNoFileWithContent) {
  expect_error(path_, ErrorCode::not_found, "No such file or directory");
  expect_error(::testing::TempDir(), ErrorCode::io, "is a folder, not a file");
  expect_error(write("") + "/below", ErrorCode::io, "Not a directory");
  expect_error(path_, ErrorCode::corrupt, "the file is empty");
}

// Nobody ever writes to it: opening it must not wait.
TEST_F(ProgramBytesTest, RefusesAPipe) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  expect_error(path_, ErrorCode::io,
               "is not a regular file (a pipe's content can be passed as bytes)");
}

// Files of /sys have the size of a page until they are read.
TEST_F(ProgramBytesTest, RefusesAFileThatBecameShorter) {
  const std::string path = "/sys/kernel/mm/transparent_hugepage/enabled";
  if (!fs::exists(path)) GTEST_SKIP() << "there is no " << path;
  std::string text;
  std::getline(std::ifstream(path), text);
  expect_error(path, ErrorCode::io,
               "the file ended after " + std::to_string(text.size() + 1) + " of its " +
                   std::to_string(fs::file_size(path)) + " bytes");
}

TEST_F(ProgramBytesTest, RefusesAFileThatChangesMeanwhile) {
  fs::resize_file(write("x"), std::uintmax_t{64} << 20);
  std::atomic<bool> stop = false;
  std::jthread other([&] {
    for (time_t second = 0; !stop; ++second) {
      const timespec times[2] = {{second, 0}, {second, 0}};
      ::utimensat(AT_FDCWD, path_.c_str(), times, 0);
    }
  });
  std::string message;
  for (int attempt = 0; attempt < 50 && message.empty(); ++attempt) {
    if (const auto program = ProgramBytes::read(path_); !program) message = program.error().message;
  }
  stop = true;
  EXPECT_EQ(message, "[open] " + path_ + ": the file was changed while it was read");
}

}  // namespace
}  // namespace sectile::internal
