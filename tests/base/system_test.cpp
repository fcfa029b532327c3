#include "src/base/system.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

TEST(System, HasAProcessorAndMemory) {
  EXPECT_GE(processor_count(), 1);
  EXPECT_GT(free_memory_bytes(), kMiB);
}

// A file system of control groups, made up.
class Groups {
 public:
  Groups() { std::filesystem::create_directories(folder_); }
  ~Groups() { std::filesystem::remove_all(folder_); }
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  void put(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::int64_t free_bytes() const {
    return control_group_free_bytes((folder_ / "groups").string(), folder_.string());
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("sectile-groups-" + std::to_string(getpid()));
};

TEST(System, FindsTheTightestControlGroup) {
  const Groups groups;
  groups.put("groups", "0::/outer/inner\n");
  groups.put("outer/memory.max", "1000\n");
  groups.put("outer/memory.current", "700\n");
  groups.put("outer/inner/memory.max", "900\n");
  groups.put("outer/inner/memory.current", "100\n");
  EXPECT_EQ(groups.free_bytes(), 300);
  groups.put("outer/memory.stat", "anon 1\ninactive_file 600\n");
  EXPECT_EQ(groups.free_bytes(), 800);
  groups.put("outer/inner/memory.current", "950\n");
  EXPECT_EQ(groups.free_bytes(), 0);
}

TEST(System, ReadsControlGroupsOfTheFirstVersion) {
  const Groups groups;
  groups.put("groups", "12:cpu,cpuacct:/a\n4:memory:/b\n");
  groups.put("memory/b/memory.limit_in_bytes", "5000\n");
  groups.put("memory/b/memory.usage_in_bytes", "2000\n");
  EXPECT_EQ(groups.free_bytes(), 3000);
}

TEST(System, NeedsNoControlGroup) {
  const Groups groups;
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(groups.free_bytes(), no_limit);
  groups.put("groups", "0::/\nnonsense\n");
  groups.put("memory.max", "max\n");
  groups.put("memory.current", "700\n");
  EXPECT_EQ(groups.free_bytes(), no_limit);
}

TEST(System, PeakIsAtLeastWhatIsResident) {
  const std::int64_t current = current_rss_bytes();
  EXPECT_GT(current, 0);
  EXPECT_GE(peak_rss_bytes(), current);
}

TEST(System, PeakStaysWhenMemoryIsGivenBack) {
  const std::int64_t before = current_rss_bytes();
  {
    std::vector<char> block(static_cast<std::size_t>(64 * kMiB));
    std::memset(block.data(), 1, block.size());
    EXPECT_GE(current_rss_bytes(), before + 60 * kMiB);
  }
  EXPECT_GE(peak_rss_bytes(), before + 60 * kMiB);
}

TEST(ErrorCode, HasTheNameOfItsEnumerator) {
  EXPECT_EQ(std::string(to_string(ErrorCode::over_budget)), "over_budget");
  EXPECT_EQ(std::string(to_string(ErrorCode::not_exact)), "not_exact");
  EXPECT_EQ(std::string(to_string(ErrorCode::cancelled)), "cancelled");
}

}  // namespace
}  // namespace sectile::internal
