#include <limits>

#include "sectile/image.h"

namespace sectile {

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

}  // namespace sectile
