#include "sectile/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>

#include "src/image/check_access.h"

namespace sectile {

using namespace internal;

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

namespace {

double maximum_of_all_bits(PixelType type) {
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

}  // namespace

double maximum_of(PixelType type, int bits) {
  const double all = maximum_of_all_bits(type);
  if (bits <= 0 || all == 1.0) return all;
  const bool is_signed = type == PixelType::i8 || type == PixelType::i16 || type == PixelType::i32;
  return std::clamp(std::ldexp(1.0, is_signed ? bits - 1 : bits) - 1, 1.0, all);
}

Status MemorySource::read(const Rect& rect, std::span<float> out) {
  if (auto status = check_info(info_); !status) return status;
  if (pixels_.size() != value_count(info_, info_.size)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[image] an image of {} with {} bands has {} values, and {} were given",
                            to_string(info_.size), info_.bands, value_count(info_, info_.size),
                            pixels_.size()));
  }
  if (auto status = check_read(info_, rect, out.size()); !status) return status;
  auto to = out.begin();
  for (int band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      const std::int64_t from = (band * info_.size.height + y) * info_.size.width + rect.x.begin;
      to = std::copy_n(pixels_.begin() + from, rect.x.size(), to);
    }
  }
  return {};
}

// Memory that is never written stays untouched: calloc takes no pages before they are used.
MemorySink::MemorySink(ImageInfo info) : info_(std::move(info)) {
  if (!check_info(info_)) return;
  count_ = value_count(info_, info_.size);
  pixels_.reset(static_cast<float*>(std::calloc(count_, sizeof(float))));
}

void MemorySink::Free::operator()(float* pixels) const { std::free(pixels); }

Status MemorySink::write(Range rows, std::span<const float> pixels) {
  if (auto status = check_info(info_); !status) return status;
  if (pixels_ == nullptr) {
    return fail(ErrorCode::over_budget,
                fmt::format("[image] the system has no memory for an image of {} with {} bands",
                            to_string(info_.size), info_.bands));
  }
  const std::int64_t next_row = rows.begin == 0 ? 0 : next_row_;
  if (auto status = check_write(info_, next_row, rows, pixels.size()); !status) return status;
  const std::int64_t count = rows.size() * info_.size.width;
  for (int band = 0; band < info_.bands; ++band) {
    const std::int64_t to = (band * info_.size.height + rows.begin) * info_.size.width;
    std::copy_n(pixels.begin() + band * count, count, pixels_.get() + to);
  }
  next_row_ = rows.end;
  finished_ = false;
  return {};
}

Status MemorySink::finish() {
  if (auto status = check_complete(info_, next_row_); !status) return status;
  finished_ = true;
  return {};
}

}  // namespace sectile
