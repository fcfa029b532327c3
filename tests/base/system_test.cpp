#include "src/base/system.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "sectile/result.h"

namespace sectile {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

TEST(System, HasAProcessorAndMemory) {
  EXPECT_GE(processor_count(), 1);
  EXPECT_GT(free_memory_bytes(), kMiB);
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

TEST(System, ResetPeakNeverRaisesIt) {
  const std::int64_t before = peak_rss_bytes();
  reset_peak_rss();
  EXPECT_LE(peak_rss_bytes(), before + kMiB);
  EXPECT_GE(peak_rss_bytes(), current_rss_bytes() - kMiB);
}

TEST(ErrorCode, HasTheNameOfItsEnumerator) {
  EXPECT_EQ(std::string(to_string(ErrorCode::over_budget)), "over_budget");
  EXPECT_EQ(std::string(to_string(ErrorCode::not_exact)), "not_exact");
  EXPECT_EQ(std::string(to_string(ErrorCode::cancelled)), "cancelled");
}

}  // namespace
}  // namespace sectile
