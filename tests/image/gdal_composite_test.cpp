// Several files as one image, in and out.
#include <gtest/gtest.h>

#include "tests/image/faulty.h"
#include "tests/image/gdal_files.h"

namespace sectile::internal::testing {
namespace {

ImageInfo image_of(Size size, int bands) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  return info;
}

std::unique_ptr<ImageSink> create(const std::string& path, const ImageInfo& info) {
  auto sink = create_image(path, info, {.overwrite = true});
  EXPECT_TRUE(sink) << (sink ? "" : sink.error().message);
  return sink ? std::move(*sink) : nullptr;
}

// An output that fails as it is completed, after another that was complete already.
TEST(GdalJoined, LeavesAllOutputsAsTheyWereWhenOneFails) {
  const TemporaryFolder folder;
  const ImageInfo info = image_of({20, 30}, 1);
  const std::string first = folder.file("first.tif");
  const std::string second = folder.file("second.tif");
  put_bytes(first, "old");
  {
    const auto inner = create(second, info);
    std::vector<std::unique_ptr<ImageSink>> sinks;
    sinks.push_back(create(first, info));
    sinks.push_back(std::make_unique<FaultySink>(*inner, Faults{.fail_at_call = 1}));
    const auto both = std::move(*join_images(std::move(sinks)));
    ASSERT_TRUE(both->write({0, 20}, std::vector<float>(1200, 7)));
    EXPECT_FALSE(both->finish());
  }
  EXPECT_EQ(bytes_of(first), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"first.tif"});
}

TEST(GdalJoined, WritesAllOutputs) {
  const TemporaryFolder folder;
  const ImageInfo info = image_of({20, 30}, 1);
  const std::vector<float> pixels = landscape(info.size, 2, 255);
  std::vector<std::unique_ptr<ImageSink>> sinks;
  sinks.push_back(create(folder.file("a.tif"), info));
  sinks.push_back(create(folder.file("b.png"), info));  // rewritten as it is completed
  const auto both = std::move(*join_images(std::move(sinks)));
  ASSERT_TRUE(both->write({0, 20}, pixels));
  ASSERT_TRUE(both->finish());
  std::vector<float> found = read_all(folder.file("a.tif"));
  const std::vector<float> second = read_all(folder.file("b.png"));
  found.insert(found.end(), second.begin(), second.end());
  EXPECT_EQ(found, pixels);
}

}  // namespace
}  // namespace sectile::internal::testing
