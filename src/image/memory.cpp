#include <algorithm>
#include <cassert>
#include <cstddef>

#include "sectile/image.h"

namespace sectile {

namespace {

std::size_t float_count(Size size, int bands) {
  return static_cast<std::size_t>(size.area()) * static_cast<std::size_t>(bands);
}

}  // namespace

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
