#include "src/image/pixel_convert.h"

#include <cassert>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

namespace sectile::internal {

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

// A type in which the limits of T are exact.
template <typename T>
using Wide = std::conditional_t<sizeof(T) <= 2 || std::floating_point<T>, float, double>;

// Without branches, so that the compiler makes vectors of it. Adding a half before cutting digits
// off would not do: 0.49999997f + 0.5f is 1.
template <std::integral T>
T convert(float value, Wide<T> least, Wide<T> most) {
  using Whole = std::conditional_t<sizeof(T) <= 2, std::int32_t, std::int64_t>;
  Wide<T> held = value == value ? value : 0.0F;  // not-a-number is unequal to itself
  held = held < least ? least : held;
  held = held > most ? most : held;
  const auto whole = static_cast<Whole>(held);
  const Wide<T> cut_off = held - static_cast<Wide<T>>(whole);
  return static_cast<T>(whole + static_cast<Whole>(2 * cut_off));
}

template <std::floating_point T>
T convert(float value, float /*least*/, float /*most*/) {
  return value;
}

}  // namespace

std::int64_t bytes_per_pixel(PixelType type) {
  return with_type(type, [](auto pixel) { return static_cast<std::int64_t>(sizeof(pixel)); });
}

bool is_floating(PixelType type) {
  return with_type(type, [](auto pixel) { return std::floating_point<decltype(pixel)>; });
}

bool can_hold(PixelType type, double value) {
  return with_type(type, [value]<typename T>(T) {
    if constexpr (std::floating_point<T>) return true;
    return value >= static_cast<double>(std::numeric_limits<T>::min()) &&
           value <= static_cast<double>(std::numeric_limits<T>::max()) &&
           std::trunc(value) == value;
  });
}

void convert_pixels(std::span<const float> values, PixelType type, std::span<std::byte> out,
                    int bits) {
  assert(out.size() == values.size() * static_cast<std::size_t>(bytes_per_pixel(type)));
  with_type(type, [&]<typename T>(T) {
    const auto most = static_cast<Wide<T>>(maximum_of(type, bits));
    const auto least = static_cast<Wide<T>>(std::is_signed_v<T> ? -most - 1 : 0);
    std::byte* to = out.data();
    for (const float value : values) {
      const T pixel = convert<T>(value, least, most);
      std::memcpy(to, &pixel, sizeof pixel);
      to += sizeof pixel;
    }
  });
}

}  // namespace sectile::internal
