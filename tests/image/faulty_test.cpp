#include "tests/image/faulty.h"

#include <gtest/gtest.h>

#include <vector>

namespace sectile::internal::testing {
namespace {

const ImageInfo small_image{
    .size = {3, 2}, .bands = 1, .pixel_type = PixelType::f32, .block = {}, .geo = {}};

TEST(FaultySource, FailsFromTheGivenCallOn) {
  const std::vector<float> pixels{1, 2, 3, 4, 5, 6};
  MemorySource inner(small_image, pixels);
  FaultySource source(inner, {.fail_at_call = 2});
  std::vector<float> out(2);
  EXPECT_TRUE(source.read({{0, 1}, {0, 2}}, out));
  EXPECT_TRUE(source.read({{2, 3}, {0, 2}}, out));
  EXPECT_EQ(out, (std::vector<float>{5, 6}));
  const Status failed = source.read({{0, 1}, {0, 2}}, out);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  EXPECT_FALSE(source.read({{0, 1}, {0, 2}}, out));
  EXPECT_EQ(source.calls(), 4);
}

TEST(FaultySource, NeverFailsUnasked) {
  const std::vector<float> pixels{1, 2, 3, 4, 5, 6};
  MemorySource inner(small_image, pixels);
  FaultySource source(inner, {.longest_wait = std::chrono::microseconds(50)});
  std::vector<float> out(6);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(source.read(Rect::of(small_image.size), out));
  EXPECT_EQ(out, pixels);
}

TEST(FaultySink, CountsFinishAsACall) {
  MemorySink inner(small_image);
  FaultySink sink(inner, {.fail_at_call = 1});
  EXPECT_TRUE(sink.write({0, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(sink.finish());
  EXPECT_FALSE(inner.finished());
  EXPECT_EQ(inner.pixels()[5], 6);
}

TEST(FaultySink, DoesNotWriteWhatFails) {
  MemorySink inner(small_image);
  FaultySink sink(inner, {.fail_at_call = 0});
  EXPECT_FALSE(sink.write({0, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(inner.pixels()[5], 0);
}

}  // namespace
}  // namespace sectile::internal::testing
