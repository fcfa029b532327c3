#include "sectile/image.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <limits>

namespace sectile {

namespace {

std::size_t float_count(Size size, int bands) {
  return static_cast<std::size_t>(size.area()) * static_cast<std::size_t>(bands);
}

}  // namespace

const char* to_string(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return "u8";
    case PixelType::i8:
      return "i8";
    case PixelType::u16:
      return "u16";
    case PixelType::i16:
      return "i16";
    case PixelType::u32:
      return "u32";
    case PixelType::i32:
      return "i32";
    case PixelType::f32:
      return "f32";
    case PixelType::f64:
      return "f64";
  }
  return "unknown";
}

double maximum_of(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return std::numeric_limits<std::uint8_t>::max();
    case PixelType::i8:
      return std::numeric_limits<std::int8_t>::max();
    case PixelType::u16:
      return std::numeric_limits<std::uint16_t>::max();
    case PixelType::i16:
      return std::numeric_limits<std::int16_t>::max();
    case PixelType::u32:
      return std::numeric_limits<std::uint32_t>::max();
    case PixelType::i32:
      return std::numeric_limits<std::int32_t>::max();
    case PixelType::f32:
    case PixelType::f64:
      return 1.0;
  }
  return 1.0;
}

Status MemorySource::read(const Rect& rect, std::span<float> out) {
  assert(!rect.empty() && Rect::of(info_.size).contains(rect));
  assert(out.size() == float_count(rect.size(), info_.bands));
  auto to = out.begin();
  for (int band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      const std::int64_t from = (band * info_.size.height + y) * info_.size.width + rect.x.begin;
      to = std::copy_n(pixels_.begin() + from, rect.x.size(), to);
    }
  }
  return {};
}

MemorySink::MemorySink(ImageInfo info)
    : info_(std::move(info)), pixels_(float_count(info_.size, info_.bands)) {}

Status MemorySink::write(Range rows, std::span<const float> pixels) {
  assert((Range{0, info_.size.height}.contains(rows)));
  const std::int64_t count = rows.size() * info_.size.width;
  assert(pixels.size() == static_cast<std::size_t>(count * info_.bands));
  for (int band = 0; band < info_.bands; ++band) {
    const std::int64_t to = (band * info_.size.height + rows.begin) * info_.size.width;
    std::copy_n(pixels.begin() + band * count, count, pixels_.begin() + to);
  }
  return {};
}

Status MemorySink::finish() {
  finished_ = true;
  return {};
}

}  // namespace sectile
