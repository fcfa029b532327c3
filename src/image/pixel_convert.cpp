#include "src/image/pixel_convert.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>

namespace sectile {

namespace {

// Calls visit(T{}) with the C++ type of `type`.
template <typename Visit>
auto with_type(PixelType type, Visit visit) {
  switch (type) {
    case PixelType::u8:
      return visit(std::uint8_t{});
    case PixelType::i8:
      return visit(std::int8_t{});
    case PixelType::u16:
      return visit(std::uint16_t{});
    case PixelType::i16:
      return visit(std::int16_t{});
    case PixelType::u32:
      return visit(std::uint32_t{});
    case PixelType::i32:
      return visit(std::int32_t{});
    case PixelType::f32:
      return visit(float{});
    case PixelType::f64:
      return visit(double{});
  }
  return visit(float{});
}

// In double, where every float, every limit and every half is exact: 0.49999997f + 0.5f would be 1.
template <std::integral T>
T convert(float value) {
  if (std::isnan(value)) return 0;
  const double wide = value;
  const double rounded = wide < 0 ? wide - 0.5 : wide + 0.5;
  return static_cast<T>(
      std::clamp<double>(rounded, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

template <std::floating_point T>
T convert(float value) {
  return value;
}

}  // namespace

std::int64_t bytes_per_pixel(PixelType type) {
  return with_type(type, [](auto pixel) { return static_cast<std::int64_t>(sizeof(pixel)); });
}

bool can_hold(PixelType type, double value) {
  return with_type(type, [value]<typename T>(T) {
    if constexpr (std::floating_point<T>) return true;
    return value >= static_cast<double>(std::numeric_limits<T>::min()) &&
           value <= static_cast<double>(std::numeric_limits<T>::max()) &&
           std::trunc(value) == value;
  });
}

void convert_pixels(std::span<const float> values, PixelType type, std::span<std::byte> out) {
  assert(out.size() == values.size() * static_cast<std::size_t>(bytes_per_pixel(type)));
  with_type(type, [&]<typename T>(T) {
    std::byte* to = out.data();
    for (const float value : values) {
      const T pixel = convert<T>(value);
      std::memcpy(to, &pixel, sizeof pixel);
      to += sizeof pixel;
    }
  });
}

}  // namespace sectile
