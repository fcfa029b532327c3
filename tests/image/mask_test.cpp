// A mask against a byte for each pixel.
#include "sectile/mask.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

namespace sectile::internal {
namespace {

struct Bytes {
  Size size;
  std::vector<std::uint8_t> values;

  std::uint8_t at(std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>(y * size.width + x)];
  }
  Mask mask() const {
    MaskBuilder builder(size.width);
    for (std::int64_t y = 0; y < size.height; ++y) {
      builder.add_row(std::span(values).subspan(static_cast<std::size_t>(y * size.width),
                                                static_cast<std::size_t>(size.width)));
    }
    return builder.finish();
  }
};

// Long ranges, noise, and rows that are repeated.
Bytes any_bytes(Size size) {
  Bytes bytes{size, {}};
  for (std::int64_t y = 0; y < size.height; ++y) {
    const int kind = *rc::gen::inRange(0, 4);
    for (std::int64_t x = 0; x < size.width; ++x) {
      const bool as_above = kind == 0 && y > 0;
      const bool as_before = kind == 1 && x > 0 && *rc::gen::inRange(0, 6) > 0;
      std::uint8_t value = *rc::gen::element<std::uint8_t>(0, 255, 0, 7);
      if (as_above) value = bytes.at(y - 1, x);
      if (as_before) value = bytes.values.back();
      bytes.values.push_back(kind == 2 ? 0 : value);
    }
  }
  return bytes;
}

Size any_size() { return {*rc::gen::inRange(1, 9), *rc::gen::inRange(1, 30)}; }

Range any_range(std::int64_t length) {
  const std::int64_t begin = *rc::gen::inRange<std::int64_t>(0, length);
  return {begin, *rc::gen::inRange(begin, length + 1)};
}

bool any_data(const Bytes& bytes, const Rect& rect) {
  for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
    for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
      if (bytes.at(y, x) != 0) return true;
    }
  }
  return false;
}

void expect_same(const Mask& mask, const Bytes& bytes) {
  RC_ASSERT(mask.size() == bytes.size);
  std::int64_t data_pixels = 0;
  for (std::int64_t y = 0; y < bytes.size.height; ++y) {
    const Range columns = any_range(bytes.size.width);
    std::vector<std::uint8_t> row(static_cast<std::size_t>(columns.size()));
    mask.read_row(y, columns, row);
    for (std::int64_t x = columns.begin; x < columns.end; ++x) {
      RC_ASSERT(row[static_cast<std::size_t>(x - columns.begin)] == bytes.at(y, x));
    }
    for (std::int64_t x = 0; x < bytes.size.width; ++x) data_pixels += bytes.at(y, x) != 0;
  }
  RC_ASSERT(mask.data_pixels() == data_pixels);
}

RC_GTEST_PROP(Mask, HoldsTheBytes, ()) {
  const Bytes bytes = any_bytes(any_size());
  const Mask mask = bytes.mask();
  expect_same(mask, bytes);
  RC_ASSERT(mask == bytes.mask());
  const Rect rect{any_range(bytes.size.height), any_range(bytes.size.width)};
  RC_ASSERT(mask.any_data_in(rect) == any_data(bytes, rect));
  const auto [rows, columns] = mask.data_window();
  for (std::int64_t y = 0; y < bytes.size.height; ++y) {
    const bool is_inside = rows.begin <= y && y < rows.end;
    RC_ASSERT(is_inside || !any_data(bytes, {{y, y + 1}, {0, bytes.size.width}}));
  }
  if (mask.data_pixels() == 0) return;
  RC_ASSERT(any_data(bytes, {{rows.begin, rows.begin + 1}, columns}));
  RC_ASSERT(any_data(bytes, {{rows.end - 1, rows.end}, columns}));
  RC_ASSERT(any_data(bytes, {rows, {columns.begin, columns.begin + 1}}));
  RC_ASSERT(any_data(bytes, {rows, {columns.end - 1, columns.end}}));
}

std::vector<std::int64_t> any_indices(std::int64_t length) {
  const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
  std::vector<std::int64_t> indices;
  while (indices.size() < count) indices.push_back(*rc::gen::inRange<std::int64_t>(0, length));
  std::ranges::sort(indices);
  return indices;
}

RC_GTEST_PROP(Mask, PicksRowsAndColumns, ()) {
  const Bytes bytes = any_bytes(any_size());
  const auto rows = any_indices(bytes.size.height);
  const auto columns = any_indices(bytes.size.width);
  Bytes picked{{std::ssize(rows), std::ssize(columns)}, {}};
  for (const std::int64_t y : rows) {
    for (const std::int64_t x : columns) picked.values.push_back(bytes.at(y, x));
  }
  expect_same(bytes.mask().picked(rows, columns), picked);
}

RC_GTEST_PROP(Mask, OfBoth, ()) {
  const Size size = any_size();
  const Bytes a = any_bytes(size);
  Bytes b = any_bytes(size);
  const Mask joined = both(a.mask(), b.mask());
  std::ranges::transform(a.values, b.values, b.values.begin(),
                         [](std::uint8_t x, std::uint8_t y) { return std::min(x, y); });
  expect_same(joined, b);
}

TEST(Mask, TakesLittleForLargeImages) {
  constexpr std::int64_t kSide = 20000;
  MaskBuilder builder(kSide);
  std::vector<std::uint8_t> row(kSide, Mask::kData);
  for (std::int64_t y = 0; y < kSide; ++y) {
    row[static_cast<std::size_t>(y / 2)] = 0;  // a slanting edge
    builder.add_row(row);
  }
  EXPECT_LT(builder.finish().held_bytes(), std::int64_t{2} << 20);
}

// Images that say nothing of masks: NaN alone is no data.
TEST(ReadMask, FindsNan) {
  const ImageInfo info{.size = {2, 3}, .bands = 2, .pixel_type = PixelType::f32};
  std::vector<float> pixels(12, 1);
  MemorySource source(info, pixels);
  const auto none = read_mask(source);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
  pixels[10] = std::numeric_limits<float>::quiet_NaN();  // band 1, row 1, column 1
  const auto mask = read_mask(source);
  ASSERT_TRUE(mask);
  EXPECT_EQ((*mask)->data_pixels(), 5);
  EXPECT_FALSE((*mask)->any_data_in({{1, 2}, {1, 2}}));
}

TEST(WithMask, RefusesAnotherSize) {
  const ImageInfo info{.size = {2, 3}, .bands = 1, .pixel_type = PixelType::f32};
  const std::vector<float> pixels(6);
  auto mask = std::make_shared<const Mask>(Bytes{{3, 2}, std::vector<std::uint8_t>(6)}.mask());
  const auto masked = with_mask(std::make_unique<MemorySource>(info, pixels), mask);
  ASSERT_FALSE(masked);
  EXPECT_EQ(masked.error().message, "[mask] a mask of 2x3 does not fit an image of 3x2");
}

}  // namespace
}  // namespace sectile::internal
