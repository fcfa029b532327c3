#include "src/base/virtual_file.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace sectile::internal {
namespace {

using Bytes = std::vector<std::byte>;

std::shared_ptr<const Bytes> bytes_of(std::initializer_list<int> values) {
  auto bytes = std::make_shared<Bytes>();
  for (const int value : values) bytes->push_back(static_cast<std::byte>(value));
  return bytes;
}

// [1 2 3] at 0, a gap, [4 5] at 8, [6] at 10.
VirtualFile three_pieces() {
  VirtualFile file;
  const auto first = bytes_of({1, 2, 3});
  const auto second = bytes_of({4, 5});
  const auto third = bytes_of({6});
  EXPECT_EQ(file.append(*first, first), 0U);
  EXPECT_EQ(file.append(*second, second, 8), 8U);
  EXPECT_EQ(file.append(*third, third), 10U);
  return file;
}

TEST(VirtualFile, AlignsWhatIsAppended) {
  VirtualFile file = three_pieces();
  EXPECT_EQ(file.size_bytes(), 11U);
  const auto last = bytes_of({7});
  EXPECT_EQ(file.append(*last, last, 128), 128U);
  EXPECT_EQ(file.size_bytes(), 129U);
}

TEST(VirtualFile, ShowsRangesWithinAPieceWithoutACopy) {
  const VirtualFile file = three_pieces();
  const auto view = file.view(8, 2);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->data(), file.pieces()[1].bytes.data());
  EXPECT_EQ(file.view(9, 1)->data(), file.pieces()[1].bytes.data() + 1);
  EXPECT_EQ(file.view(0, 3)->size(), 3U);
  EXPECT_TRUE(file.view(3, 0));
}

TEST(VirtualFile, RefusesRangesAcrossPiecesAndGaps) {
  const VirtualFile file = three_pieces();
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {
      {0, 4}, {5, 1}, {8, 3}, {11, 1}, {1000, 1}, {8, ~std::uint64_t{0}}, {~std::uint64_t{0}, 2}};
  for (const auto& [offset, size] : ranges) {
    const auto view = file.view(offset, size);
    ASSERT_FALSE(view) << offset << ", " << size;
    EXPECT_EQ(view.error().code, ErrorCode::internal);
  }
}

TEST(VirtualFile, KeepsItsPiecesAlive) {
  auto bytes = bytes_of({1, 2, 3});
  const std::weak_ptr<const Bytes> alive = bytes;
  {
    VirtualFile file;
    file.append(*bytes, bytes);
    bytes.reset();
    EXPECT_FALSE(alive.expired());
    EXPECT_EQ(file.view(1, 1)->front(), std::byte{2});
  }
  EXPECT_TRUE(alive.expired());
}

TEST(VirtualFile, HasNothingWhenItIsEmpty) {
  const VirtualFile file;
  EXPECT_EQ(file.size_bytes(), 0U);
  EXPECT_FALSE(file.view(0, 1));
}

}  // namespace
}  // namespace sectile::internal
