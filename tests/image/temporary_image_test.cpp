// Images that one pass keeps for later ones, in memory and in files.
#include "src/image/temporary_image.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <vector>

#include "tests/image/float_image.h"
#include "tests/program/temp_folder.h"

namespace sectile::internal::test {
namespace {

float value_at(const ImageInfo& info, std::int64_t band, std::int64_t y, std::int64_t x) {
  return static_cast<float>((band * info.size.height + y) * info.size.width + x);
}

std::vector<float> values_of(const ImageInfo& info, const Rect& rect) {
  std::vector<float> values;
  for (int band = 0; band < info.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
        values.push_back(value_at(info, band, y, x));
      }
    }
  }
  return values;
}

Range part_of(std::int64_t length) {
  const auto begin = *rc::gen::inRange<std::int64_t>(0, length);
  return {begin, *rc::gen::inRange<std::int64_t>(begin + 1, length + 1)};
}

RC_GTEST_PROP(TemporaryImage, GivesBackWhatWasWritten, ()) {
  const ImageInfo info =
      float_image({*rc::gen::inRange<std::int64_t>(1, 30), *rc::gen::inRange<std::int64_t>(1, 30)},
                  *rc::gen::inRange(1, 5));
  const TempFolder folder;
  auto image = *rc::gen::arbitrary<bool>() ? TemporaryImage::in_memory(info)
                                           : TemporaryImage::in_folder(info, folder.path());
  RC_ASSERT(image.has_value());
  for (std::int64_t y = 0; y < info.size.height;) {
    const Range rows{y, *rc::gen::inRange<std::int64_t>(y + 1, info.size.height + 1)};
    RC_ASSERT(image->write(rows, values_of(info, {rows, {0, info.size.width}})).has_value());
    y = rows.end;
  }
  const Rect rect{part_of(info.size.height), part_of(info.size.width)};
  std::vector<float> out(static_cast<std::size_t>(rect.area() * info.bands));
  RC_ASSERT(image->source()->read(rect, out).has_value());
  RC_ASSERT(out == values_of(info, rect));
  RC_ASSERT(std::filesystem::is_empty(folder.path()));
}

TEST(TemporaryImage, IsThereAsLongAsItIsRead) {
  const ImageInfo info = float_image({2, 3}, 1);
  std::unique_ptr<ImageSource> source;
  {
    const TempFolder folder;
    auto image = TemporaryImage::in_folder(info, folder.path());
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_TRUE(image->write({0, 2}, values_of(info, Rect::of(info.size))));
    source = image->source();
  }
  std::vector<float> out(6);
  EXPECT_TRUE(source->read(Rect::of(info.size), out));
  EXPECT_EQ(out, values_of(info, Rect::of(info.size)));
}

TEST(TemporaryImage, NamesTheFolderThatIsNotThere) {
  const auto image = TemporaryImage::in_folder(float_image({2, 3}, 1), "/there/is/no/such/folder");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::io);
  EXPECT_NE(image.error().message.find("'/there/is/no/such/folder'"), std::string::npos);
}

TEST(TemporaryImage, NamesTheBytesThatThereIsNoRoomFor) {
  const TempFolder folder;
  constexpr std::int64_t kSide = 1 << 22;
  const auto image = TemporaryImage::in_folder(float_image({kSide, kSide}, 16), folder.path());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::io);
  EXPECT_NE(image.error().message.find("no room for 1073741824 MiB"), std::string::npos)
      << image.error().message;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TemporaryImage, TakesItsRowsInOrder) {
  for (const bool in_memory : {true, false}) {
    const ImageInfo info = float_image({4, 3}, 1);
    const TempFolder folder;
    auto image = in_memory ? TemporaryImage::in_memory(info)
                           : TemporaryImage::in_folder(info, folder.path());
    ASSERT_TRUE(image);
    const auto status = image->write({2, 3}, std::vector<float>(3));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace sectile::internal::test
