// Several images as one: which band and pixel of which image each value is.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "tests/image/faulty.h"
#include "tests/image/float_image.h"

namespace sectile::internal {
namespace {

// Its pixels say where they lie. Counts the values of the largest read.
class PlacesSource final : public ImageSource {
 public:
  PlacesSource(float image, ImageInfo info) : image_(image), info_(std::move(info)) {}
  const ImageInfo& info() const override { return info_; }

  static float place(float image, std::int64_t band, std::int64_t y, std::int64_t x) {
    return image * 1e6F + static_cast<float>(band * 100'000 + y * 300 + x);
  }
  Status read(const Rect& rect, std::span<float> out) override {
    EXPECT_TRUE(Rect::of(info_.size).contains(rect));
    largest_read = std::max(largest_read, out.size());
    reads.push_back(rect.y);
    auto next = out.begin();
    for (std::int64_t band = 0; band < info_.bands; ++band) {
      for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
        for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x)
          *next++ = place(image_, band, y, x);
      }
    }
    return {};
  }
  std::size_t largest_read = 0;
  std::vector<Range> reads;

 private:
  float image_;
  ImageInfo info_;
};

using Sources = std::vector<std::unique_ptr<ImageSource>>;

PlacesSource& add(Sources& sources, const ImageInfo& info) {
  const auto number = static_cast<float>(sources.size() + 1);
  sources.push_back(std::make_unique<PlacesSource>(number, info));
  return static_cast<PlacesSource&>(*sources.back());
}

std::unique_ptr<ImageSource> joined(Sources sources, std::vector<Size> scales) {
  auto made = join_images(std::move(sources), std::move(scales));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? std::move(*made) : nullptr;
}

void expect_refused(Sources sources, std::vector<Size> scales, const std::string& reason) {
  const auto made = join_images(std::move(sources), std::move(scales));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(made.error().message.find(reason), std::string::npos) << made.error().message;
}

// As the header of MethodInfo says it.
void expect_places(ImageSource& source, const Rect& rect, const std::vector<int>& bands,
                   const std::vector<Size>& scales) {
  std::vector<float> out(static_cast<std::size_t>(rect.area() * source.info().bands), -1);
  ASSERT_TRUE(source.read(rect, out));
  auto next = out.begin();
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const auto [r, s] = scales[i];
    for (std::int64_t band = 0; band < bands[i] * r * s; ++band) {
      const std::int64_t c = band / (r * s);
      const std::int64_t dy = band % (r * s) / s;
      const std::int64_t dx = band % s;
      for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
        for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
          const auto number = static_cast<float>(i + 1);
          ASSERT_EQ(*next++, PlacesSource::place(number, c, r * y + dy, s * x + dx))
              << "image " << i << " band " << band << " at " << y << ", " << x;
        }
      }
    }
  }
}

TEST(CompositeSource, HoldsImagesOfOneSizeBandAfterBand) {
  Sources sources;
  add(sources, float_image({5, 7}, 2));
  add(sources, float_image({5, 7}, 1));
  const auto image = joined(std::move(sources), {});
  EXPECT_EQ(image->info().size, (Size{5, 7}));
  EXPECT_EQ(image->info().bands, 3);
  EXPECT_EQ(image->info().held_bytes, 0);
  expect_places(*image, {{1, 4}, {2, 6}}, {2, 1}, {{1, 1}, {1, 1}});
}

TEST(CompositeSource, HoldsAPixelOfEachBlockOfALargerImageInABandOfItsOwn) {
  const std::vector<Size> scales{{2, 3}, {1, 1}, {4, 1}};
  Sources sources;
  add(sources, float_image({10, 21}, 2));
  add(sources, float_image({5, 7}, 1));
  add(sources, float_image({20, 7}, 1));
  const auto image = joined(std::move(sources), scales);
  EXPECT_EQ(image->info().size, (Size{5, 7}));
  EXPECT_EQ(image->info().bands, 2 * 6 + 1 + 4);
  expect_places(*image, Rect::of({5, 7}), {2, 1, 1}, scales);
  expect_places(*image, {{2, 3}, {0, 7}}, {2, 1, 1}, scales);
  expect_places(*image, {{1, 5}, {3, 6}}, {2, 1, 1}, scales);
}

TEST(CompositeSource, TakesLargeReadsApartInPiecesThatItCounts) {
  constexpr std::int64_t kWidth = 6000;
  const std::vector<Size> scales{{1, 1}, {2, 2}};
  Sources sources;
  add(sources, float_image({40, kWidth}, 1)).info();
  ImageInfo large = float_image({80, 2 * kWidth}, 1);
  large.held_bytes = 1000;
  large.block = {16, 16};
  PlacesSource& guide = add(sources, large);
  const auto image = joined(std::move(sources), scales);
  expect_places(*image, {{3, 38}, {0, kWidth}}, {1, 1}, scales);
  EXPECT_EQ(image->info().held_bytes,
            1000 + static_cast<std::int64_t>(guide.largest_read * sizeof(float)));
  EXPECT_LE(guide.largest_read * sizeof(float), 1U << 20);
  EXPECT_GT(guide.reads.size(), 3U);
  std::int64_t next = 6;
  for (const Range rows : guide.reads) {
    EXPECT_EQ(rows.begin, next) << "its rows are read in order, each once";
    EXPECT_EQ(rows.begin / 16, (rows.end - 1) / 16) << "two rows of blocks are read at a time";
    next = rows.end;
  }
  EXPECT_EQ(next, 76);
}

TEST(CompositeSource, LiesWhereItsFirstImageLies) {
  ImageInfo large = float_image({12, 12}, 1);
  large.geo.transform = std::array{100.0, 0.5, 0.25, 200.0, 0.125, -0.5};
  large.block = {8, 9};
  Sources sources;
  add(sources, large);
  add(sources, float_image({4, 6}, 1));
  const auto image = joined(std::move(sources), {{3, 2}, {1, 1}});
  EXPECT_EQ(image->info().geo.transform, (std::array{100.0, 1.0, 0.75, 200.0, 0.25, -1.5}));
  EXPECT_EQ(image->info().block, (Size{2, 4}));
}

TEST(CompositeSource, RefusesImagesThatDoNotFit) {
  const auto two = [](const ImageInfo& first, const ImageInfo& second) {
    Sources sources;
    add(sources, first);
    add(sources, second);
    return sources;
  };
  expect_refused(
      two(float_image({10, 7}, 1), float_image({20, 15}, 1)), {{1, 1}, {2, 2}},
      "input 2 has 15x20 pixels and must have 14x20: 2x2 where input 1, of 7x10, has 1x1");
  expect_refused(two(float_image({9, 8}, 1), float_image({4, 4}, 1)), {{2, 2}, {1, 1}},
                 "input 1 has 8x9 pixels and must have a multiple of 2x2");
  expect_refused(two(float_image({1, 8}, 1), float_image({4, 4}, 1)), {{2, 2}, {1, 1}},
                 "a multiple of 2x2");
  expect_refused(two(float_image({9, 8}, 1), float_image({9, 7}, 1)), {}, "must have 8x9");
  ImageInfo bytes = float_image({9, 8}, 1);
  bytes.pixel_type = PixelType::u8;
  expect_refused(two(float_image({9, 8}, 1), bytes), {}, "u8");
}

TEST(CompositeSource, PassesAnErrorOn) {
  PlacesSource inner(1, float_image({4, 4}, 1));
  Sources sources;
  add(sources, float_image({2, 2}, 1));
  sources.push_back(
      std::make_unique<testing::FaultySource>(inner, testing::Faults{.fail_at_call = 0}));
  const auto image = joined(std::move(sources), {{1, 1}, {2, 2}});
  std::vector<float> out(20);
  EXPECT_FALSE(image->read(Rect::of({2, 2}), out));
}

// ---- sinks

std::unique_ptr<ImageSink> two_sinks(ImageSink& first, ImageSink& second, std::int64_t fail_at) {
  std::vector<std::unique_ptr<ImageSink>> sinks;
  sinks.push_back(std::make_unique<testing::FaultySink>(first, testing::Faults{}));
  sinks.push_back(
      std::make_unique<testing::FaultySink>(second, testing::Faults{.fail_at_call = fail_at}));
  return std::move(*join_images(std::move(sinks)));
}

TEST(CompositeSink, GivesEachImageItsBands) {
  MemorySink first(float_image({2, 2}, 2));
  MemorySink second(float_image({2, 2}, 1));
  const auto both = two_sinks(first, second, -1);
  EXPECT_EQ(both->info().bands, 3);
  ASSERT_TRUE(both->write({0, 1}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  ASSERT_TRUE(both->write({1, 2}, std::vector<float>{7, 8, 9, 10, 11, 12}));
  ASSERT_TRUE(both->finish());
  EXPECT_TRUE(std::ranges::equal(first.pixels(), std::array{1, 2, 7, 8, 3, 4, 9, 10}));
  EXPECT_TRUE(std::ranges::equal(second.pixels(), std::array{5, 6, 11, 12}));
  EXPECT_TRUE(first.finished() && second.finished());
}

TEST(CompositeSink, FinishesNoneWhereOneCannotBeCompleted) {
  MemorySink first(float_image({1, 1}, 1));
  MemorySink second(float_image({1, 1}, 1));
  const auto both = two_sinks(first, second, 1);
  ASSERT_TRUE(both->write({0, 1}, std::vector<float>{1, 2}));
  const auto status = both->finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  EXPECT_FALSE(first.finished() || second.finished());
}

}  // namespace
}  // namespace sectile::internal
