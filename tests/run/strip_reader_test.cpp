#include "src/run/strip_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <ostream>
#include <vector>

#include "src/plan/run_memory.h"
#include "tests/image/faulty.h"
#include "tests/image/float_image.h"

namespace sectile::internal {
namespace {

// Counts how often each row was read, and whether reading ever went back up.
class CountingSource final : public ImageSource {
 public:
  CountingSource(Size size, int bands)
      : pixels_(static_cast<std::size_t>(size.area() * bands)),
        inner_(float_image(size, bands), pixels_),
        reads_(static_cast<std::size_t>(size.height)) {
    std::iota(pixels_.begin(), pixels_.end(), 0.0F);
  }
  const ImageInfo& info() const override { return inner_.info(); }
  Status read(const Rect& rect, std::span<float> out) override {
    in_order_ = in_order_ && rect.y.begin >= next_ && (!was_read() || rect.x == columns_);
    next_ = rect.y.end;
    columns_ = rect.x;
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) ++reads_[static_cast<std::size_t>(y)];
    return inner_.read(rect, out);
  }
  bool each_row_once_in_order() const { return each_row_once_in_order(Rect::of(info().size)); }
  // Of that part of the image; the rest not at all.
  bool each_row_once_in_order(Rect part) const {
    bool once = in_order_ && columns_ == part.x;
    for (std::int64_t y = 0; y < info().size.height; ++y) {
      const bool inside = y >= part.y.begin && y < part.y.end;
      once = once && reads_[static_cast<std::size_t>(y)] == (inside ? 1 : 0);
    }
    return once;
  }
  bool was_read() const { return next_ > 0; }
  float pixel(std::int64_t band, std::int64_t y, std::int64_t x) const {
    const Size size = info().size;
    const std::int64_t row = std::min(y, size.height - 1);
    const std::int64_t column = std::min(x, size.width - 1);
    return pixels_[static_cast<std::size_t>((band * size.height + row) * size.width + column)];
  }

 private:
  std::vector<float> pixels_;
  MemorySource inner_;
  std::vector<int> reads_;
  std::int64_t next_ = 0;
  Range columns_;
  bool in_order_ = true;
};

void expect_filled(const Planes& band, const CountingSource& source, double scale) {
  for (std::int64_t b = 0; b < band.bands; ++b) {
    for (std::int64_t y = band.rect.y.begin; y < band.rect.y.end; ++y) {
      for (std::int64_t x = 0; x < band.rect.x.end; ++x) {
        const double expected = static_cast<double>(source.pixel(b, y, x)) * scale;
        ASSERT_EQ(band.row(b, y, {x, x + 1})[0], static_cast<float>(expected))
            << "band " << b << " row " << y << " column " << x;
      }
    }
  }
}

struct Case {
  Size image;
  Size extended;
  std::vector<Range> bands;  // rows of the extended image
};

void PrintTo(const Case& shape, std::ostream* out) {
  *out << to_string(shape.image) << " in " << shape.bands.size() << " bands";
}

class BandReaderOver : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    Images, BandReaderOver,
    ::testing::Values(Case{{200, 7}, {200, 7}, {{0, 200}}},
                      Case{{200, 7}, {200, 7}, {{0, 90}, {60, 150}, {110, 200}}},
                      Case{{200, 7}, {200, 7}, {{0, 50}, {50, 100}, {100, 150}, {150, 200}}},
                      Case{{21, 5}, {24, 8}, {{0, 16}, {8, 24}}},
                      Case{{17, 5}, {24, 8}, {{0, 12}, {4, 16}, {8, 20}, {12, 24}}},
                      Case{{17, 5}, {24, 8}, {{0, 16}, {14, 17}, {17, 20}, {20, 24}}},
                      Case{{16, 5}, {24, 8}, {{0, 16}, {16, 18}, {17, 24}, {24, 24}}},
                      Case{{300, 5}, {300, 5}, {{2, 9}, {9, 11}, {200, 240}, {240, 300}}},
                      Case{{1, 1}, {8, 8}, {{0, 8}}},
                      // No band holds the image's last row.
                      Case{{1, 11}, {3, 11}, {{1, 3}}}, Case{{70, 5}, {72, 8}, {{0, 60}, {71, 72}}},
                      Case{{16, 5}, {24, 8}, {{0, 16}, {16, 16}, {16, 24}}}));

// Reads the case's bands one after the other and calls check(band) for each.
template <typename Check>
void read_bands(const Case& shape, StripReader& reader, int bands, Check check) {
  std::vector<float> values[2];
  ConstPlanes previous;
  for (std::size_t i = 0; i < shape.bands.size(); ++i) {
    const Rect rect{shape.bands[i], {0, shape.extended.width}};
    std::vector<float>& buffer = values[i % 2];
    buffer.assign(static_cast<std::size_t>(rect.area() * bands), -1);
    const Planes band{buffer, rect, bands};
    ASSERT_TRUE(reader.read(band, previous));
    check(band);
    previous = {buffer, rect, bands};
  }
}

TEST_P(BandReaderOver, ReadsEachRowOnceAndRepeatsTheEdge) {
  const Case& shape = GetParam();
  constexpr int kBands = 2;
  CountingSource source(shape.image, kBands);
  StripReader reader(source, {{0.5, 0, 1}, {0.5, 0, 1}});
  read_bands(shape, reader, kBands, [&](const Planes& band) { expect_filled(band, source, 0.5); });
  EXPECT_TRUE(source.each_row_once_in_order());
}

// Bands 1 to 6 are one image, 2 rows and 3 columns of it for each of the other's.
TEST_P(BandReaderOver, RepeatsTheEdgeOfALargerInput) {
  const Case& shape = GetParam();
  constexpr int kBands = 7;
  CountingSource source(shape.image, kBands);
  StripReader reader(source, std::vector<BandScaling>(kBands), {{1, {1, 1}}, {1, {2, 3}}});
  read_bands(shape, reader, kBands, [&](const Planes& band) {
    const Rect& rect = band.rect;
    for (std::int64_t y = 2 * rect.y.begin; y < 2 * rect.y.end; ++y) {
      for (std::int64_t x = 0; x < 3 * rect.x.end; ++x) {
        const std::int64_t inner_y = std::min(y, 2 * shape.image.height - 1);
        const std::int64_t inner_x = std::min(x, 3 * shape.image.width - 1);
        ASSERT_EQ(band.row(1 + y % 2 * 3 + x % 3, y / 2, {x / 3, x / 3 + 1})[0],
                  source.pixel(1 + inner_y % 2 * 3 + inner_x % 3, inner_y / 2, inner_x / 3))
            << "row " << y << " column " << x;
      }
    }
  });
  EXPECT_TRUE(source.each_row_once_in_order());
}

// ---- a window of the image

// What the strips must hold: pixels of the window, the edge's beyond the image where the window
// ends with it, and zeros elsewhere.
float windowed_pixel(const CountingSource& source, Rect window, std::int64_t band, std::int64_t y,
                     std::int64_t x) {
  const Size image = source.info().size;
  const auto inside = [](Range range, std::int64_t length, std::int64_t at) {
    return at >= range.begin && (at < range.end || range.end == length);
  };
  const bool holds = inside(window.y, image.height, y) && inside(window.x, image.width, x);
  return holds ? source.pixel(band, y, x) : 0;
}

TEST_P(BandReaderOver, ReadsAWindowAndNothingElse) {
  const Case& shape = GetParam();
  constexpr int kBands = 2;
  const auto [height, width] = shape.image;
  for (const Range y : {Range{0, height},
                        {height / 3, height},
                        {0, height / 3 + 1},
                        {height / 2, height / 2 + 1}}) {
    for (const Range x : {Range{0, width}, {width / 3, width}, {width / 4, width / 2 + 1}}) {
      const Rect window{y, x};
      SCOPED_TRACE(to_string(window));
      CountingSource source(shape.image, kBands);
      StripReader reader(source, std::vector<BandScaling>(kBands), {}, window);
      read_bands(shape, reader, kBands, [&](const Planes& band) {
        for (std::int64_t row = band.rect.y.begin; row < band.rect.y.end; ++row) {
          for (std::int64_t column = 0; column < band.rect.x.end; ++column) {
            ASSERT_EQ(band.row(1, row, {column, column + 1})[0],
                      windowed_pixel(source, window, 1, row, column))
                << "row " << row << " column " << column;
          }
        }
      });
      EXPECT_TRUE(source.each_row_once_in_order(window));
    }
  }
}

TEST(StripReader, ReadsNothingForAWindowOfNoPixels) {
  CountingSource source({20, 3}, 1);
  StripReader reader(source, {{}}, {}, Rect{});
  std::vector<float> values(60, -1);
  ASSERT_TRUE(reader.read({values, {{0, 20}, {0, 3}}, 1}, {}));
  EXPECT_EQ(values, std::vector<float>(60, 0));
  EXPECT_FALSE(source.was_read());
}

TEST(StripReader, PassesTheSourcesErrorOn) {
  CountingSource inner({100, 3}, 1);
  testing::FaultySource source(inner, {.fail_at_call = 1});
  StripReader reader(source, {{}});
  std::vector<float> values(300);
  const auto status = reader.read({values, {{0, 100}, {0, 3}}, 1}, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
}

// Remembers the rows of each read.
class RecordingSource final : public ImageSource {
 public:
  explicit RecordingSource(const ImageInfo& info) : info_(info) {}
  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float>) override {
    reads.push_back(rect.y);
    return {};
  }
  std::vector<Range> reads;

 private:
  ImageInfo info_;
};

std::vector<Range> reads_of(Size size, std::int64_t block_rows) {
  ImageInfo info = float_image(size, 1);
  info.block = {block_rows, size.width};
  RecordingSource source(info);
  std::vector<float> values(static_cast<std::size_t>(size.area()));
  StripReader reader(source, {BandScaling{}});
  EXPECT_TRUE(reader.read({values, Rect::of(size), 1}, {}));
  return source.reads;
}

// Else a source that keeps one row of blocks would decode each of them twice.
TEST(StripReader, ReadsNoRowsOfTwoLargeBlocksAtATime) {
  for (const std::int64_t block_rows : {64, 100, 256, 300}) {
    SCOPED_TRACE(block_rows);
    for (const Range rows : reads_of({1000, 40}, block_rows)) {
      EXPECT_EQ(rows.begin / block_rows, (rows.end - 1) / block_rows);
    }
  }
}

TEST(StripReader, ReadsSmallBlocksWholeAndSeveralAtATime) {
  for (const std::int64_t block_rows : {1, 5, 16}) {
    SCOPED_TRACE(block_rows);
    const auto reads = reads_of({1000, 40}, block_rows);
    EXPECT_LE(reads.size(), 1000U / 60 + 1);
    for (const Range rows : reads) EXPECT_EQ(rows.begin % block_rows, 0);
  }
}

TEST(StripReader, HoldsLittleOfAWideImage) {
  EXPECT_EQ(rows_per_read(1000, 3), 64);
  EXPECT_EQ(rows_per_read(10'000'000, 3), 1);
  EXPECT_EQ(reading_bytes({10, 1000}, 3), 10 * 1000 * 3 * 4);
  EXPECT_LE(reading_bytes({5000, 32768}, 3), 1 << 21);
}

}  // namespace
}  // namespace sectile::internal
