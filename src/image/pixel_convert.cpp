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

// Without branches, so that the compiler makes vectors of it. Adding a half before cutting digits
// off would not do: 0.49999997f + 0.5f is 1.
template <std::integral T>
T convert(float value) {
  constexpr bool kIsShort = sizeof(T) <= 2;
  using Wide = std::conditional_t<kIsShort, float, double>;  // in which the limits are exact
  using Whole = std::conditional_t<kIsShort, std::int32_t, std::int64_t>;
  constexpr Wide kLeast = std::numeric_limits<T>::min();
  constexpr Wide kMost = std::numeric_limits<T>::max();
  Wide held = value == value ? value : 0.0F;  // not-a-number is unequal to itself
  held = held < kLeast ? kLeast : held;
  held = held > kMost ? kMost : held;
  const auto whole = static_cast<Whole>(held);
  const Wide cut_off = held - static_cast<Wide>(whole);
  return static_cast<T>(whole + static_cast<Whole>(2 * cut_off));
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

}  // namespace sectile::internal
